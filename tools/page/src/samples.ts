// Pictures of samples: one a run, side by side, at the step that the slider says.
import type { RunData } from "./data";
import { element, select, slider } from "./dom";
import { swatch } from "./runs";
import type { State } from "./state";
import { grouped, plural } from "./text";

/** The newest picture of a run that is not after `step`; before its first, the first. */
function pictureAt(run: RunData, sample: string, step: number): RunData["pictures"][number] | null {
  const own = run.pictures.filter((picture) => picture.sample === sample);
  let found = own[0] ?? null;
  for (const picture of own) if (picture.step <= step) found = picture;
  return found;
}

export function sampleSteps(state: State, sample: string): number[] {
  const steps = new Set<number>();
  for (const run of state.runs) for (const picture of run.pictures) if (picture.sample === sample) steps.add(picture.step);
  return [...steps].sort((a, b) => a - b);
}

export function sampleNames(runs: RunData[]): string[] {
  return [...new Set(runs.flatMap((run) => run.pictures.map((picture) => picture.sample)))];
}

export function samples(state: State): HTMLElement[] {
  const kinds = sampleNames(state.runs);
  if (kinds.length === 0) return [];
  const sample = state.keep("sample", kinds[0]!), chosen = state.keep<number | null>("sample step", null);  // null: the newest
  if (!kinds.includes(sample.value)) sample.value = kinds[0]!;
  let steps: number[] = [];
  const step = () => chosen.value ?? steps[steps.length - 1]!;
  const grid = element("div", { class: "pictures" });
  const controls = element("div", { class: "controls", role: "group", "aria-label": "Which samples" });
  const note = element("p", { class: "note" });

  const figures = new Map<string, { root: HTMLElement; image: HTMLImageElement; caption: HTMLElement }>();
  const figure = (run: RunData) => {
    let made = figures.get(run.id);
    if (!made) {
      const image = element("img", { decoding: "async" }), caption = element("span", { class: "detail" });
      const root = element("figure", { class: "card picture" }, image,
        element("figcaption", {}, swatch(state, run), element("b", {}, run.id), caption));
      figures.set(run.id, made = { root, image, caption });
    }
    return made;
  };
  const fill = () => {
    const shown: HTMLElement[] = [];
    for (const run of state.visible()) {
      const picture = pictureAt(run, sample.value, step());
      if (!picture) continue;
      const { root, image, caption } = figure(run);
      const when = `step ${grouped(picture.step)}`;
      if (image.src !== picture.source) image.src = picture.source;
      image.alt = `Samples ‘${sample.value}’ of ${run.id} at ${when}`;
      caption.textContent = when;
      caption.classList.toggle("other", picture.step !== step());
      shown.push(root);
    }
    if (shown.length !== grid.children.length || shown.some((one, i) => one !== grid.children[i])) grid.replaceChildren(...shown);
    const left = state.runs.reduce((sum, run) => sum + run.pictures_left_out, 0);
    note.textContent = [
      shown.length === 0 ? "No run that is shown has pictures of this sample." : "",
      left ? `${plural(left, "picture")} ${left === 1 ? "is" : "are"} left out, evenly over the steps, so that the page stays small; the first and the last of each run are kept where they fit.` : "",
    ].filter(Boolean).join(" ");
  };
  const control = () => {
    const focused = controls.contains(document.activeElement) ? document.activeElement!.getAttribute("aria-label") : null;
    steps = sampleSteps(state, sample.value);
    // Other pictures may have been left out.
    if (chosen.value !== null && !steps.includes(chosen.value)) chosen.value = steps.findLast((one) => one <= chosen.value!) ?? steps[0]!;
    controls.replaceChildren(
      ...(kinds.length > 1 ? [select("Sample", kinds.map((kind) => [kind, kind]), sample.value, (value) => { sample.value = value; control(); fill(); })] : []),
      slider("Step", steps.length - 1, steps.indexOf(step()), (i) => grouped(steps[i] ?? 0), (i) => {
        chosen.value = i === steps.length - 1 ? null : steps[i]!;
        fill();
      }));
    if (focused) controls.querySelector<HTMLElement>(`[aria-label="${focused}"]`)?.focus();
  };
  control();
  state.listen(fill);
  state.onData(() => { if (String(steps) !== String(sampleSteps(state, sample.value))) control(); });
  state.onTheme(() => {
    for (const run of state.runs) figures.get(run.id)?.root.querySelector(".swatch")?.replaceWith(swatch(state, run));
  });
  fill();
  return [controls, grid, note];
}
