// Where the reader is: found again when the page has been laid out anew, with other elements for the same things.

/** What tells an element from all others: what it lies in, and what it is called where nothing it lies in says enough. */
function address(one: Element): string {
  const within = (selector: string, key: string) => one.closest<HTMLElement>(selector)?.dataset[key] ?? "";
  const run = within("[data-run]", "run"), key = within("[data-key]", "key");
  const labels = (one as HTMLInputElement).labels;
  const name = run || key ? "" : one.getAttribute("aria-label") ?? (labels?.length ? labels[0] : one)!.textContent;
  return JSON.stringify([one.closest("section, aside, header")?.id, within("[data-title]", "title"), run, key, one.tagName, name]);
}

function again(one: Element): (() => HTMLElement | undefined) {
  const tag = one.tagName, where = address(one);
  return () => [...document.querySelectorAll<HTMLElement>(tag)].find((other) => address(other) === where);
}

/** Returns what goes back there. */
export function placeOfReader(): () => void {
  const top = scrollY, active = document.activeElement;
  const scrolled = [...document.querySelectorAll<HTMLElement>(".run-rows, .scroll")]
    .filter((one) => one.scrollTop || one.scrollLeft).map((one) => ({ find: again(one), top: one.scrollTop, left: one.scrollLeft }));
  const focused = active && active !== document.body ? again(active) : null;
  const caret = active instanceof HTMLInputElement && active.type === "search" ? [active.selectionStart, active.selectionEnd] as const : null;
  return () => {
    for (const one of scrolled) one.find()?.scrollTo({ top: one.top, left: one.left, behavior: "instant" });
    const found = focused?.();
    found?.focus({ preventScroll: true });
    if (caret && found) (found as HTMLInputElement).setSelectionRange(...caret);
    scrollTo({ top, behavior: "instant" });
  };
}
