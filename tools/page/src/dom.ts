// Elements without a framework: text is always set as text, so nothing that a run is called can become markup.

type Child = Node | string | null | undefined | false;
type Attributes = Record<string, string | number | boolean | null | undefined | ((event: Event) => void)>;

/** `on…` attributes are listeners; `true` sets an attribute without a value, `false` and null leave it out. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K, attributes: Attributes = {}, ...children: (Child | Child[])[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, String(value));
  }
  for (const child of children.flat()) if (child) made.append(child);
  return made;
}

/** Calls `show` once the element comes near the screen, or the page is printed. Returns what keeps it from that. */
export function whenNear(target: Element, show: () => void): () => void {
  const observer = new IntersectionObserver((entries) => {
    if (entries.some((entry) => entry.isIntersecting)) once();
  }, { rootMargin: "600px" });
  const stop = () => {
    observer.disconnect();
    removeEventListener("beforeprint", once);
  };
  const once = () => {
    stop();
    show();
  };
  observer.observe(target);
  addEventListener("beforeprint", once);
  return stop;
}

/** Calls `resized` when the width changes, at most once a frame. Returns what ends that. */
export function onWidth(target: Element, resized: (width: number) => void): () => void {
  let width = 0, ended = false;
  const observer = new ResizeObserver(() => {
    const now = Math.floor(target.clientWidth);
    if (now === width || now === 0) return;
    width = now;
    requestAnimationFrame(() => { if (!ended) resized(width); });
  });
  observer.observe(target);
  return () => {
    ended = true;
    observer.disconnect();
  };
}

/** A part that opens and closes: as `open` says until the reader has chosen. `key` tells it from the others around. */
export function fold(kept: { value: boolean | null }, key: string, open: boolean, attributes: Attributes,
                     summary: Child[], ...content: (Child | Child[])[]): HTMLDetailsElement {
  const made: HTMLDetailsElement = element("details", { ...attributes, "data-key": key, open: kept.value ?? open, ontoggle: () => {
    if (made.open !== (kept.value ?? open)) kept.value = made.open;
  } }, element("summary", {}, summary), ...content);
  return made;
}

export function select(label: string, options: [value: string, text: string][], value: string,
                       changed: (value: string) => void): HTMLLabelElement {
  const box = element("select", { "aria-label": label, onchange: () => changed(box.value) },
    options.map(([key, text]) => element("option", { value: key, selected: key === value }, text)));
  return element("label", { class: "control" }, element("span", {}, label), box);
}

export function checkbox(label: string, on: boolean, changed: (on: boolean) => void): HTMLLabelElement {
  const box = element("input", { type: "checkbox", checked: on, onchange: () => changed(box.checked) });
  return element("label", { class: "control check" }, box, element("span", {}, label));
}

/** `text` says the value in words; screen readers hear it too. */
export function slider(label: string, most: number, value: number, text: (value: number) => string,
                       changed: (value: number) => void): HTMLLabelElement {
  const shown = element("output", {}, text(value));
  const bar = element("input", {
    type: "range", min: 0, max: most, step: 1, value, "aria-label": label, "aria-valuetext": text(value),
    oninput: () => {
      shown.textContent = text(bar.valueAsNumber);
      bar.setAttribute("aria-valuetext", text(bar.valueAsNumber));
      changed(bar.valueAsNumber);
    },
  });
  return element("label", { class: "control" }, element("span", {}, label), bar, shown);
}
