// While `duel serve` gives the page out: the server says that runs have changed, the page asks for their data.
import { Page } from "./data";
import { dimensions } from "./many";
import { placeOfReader } from "./place";
import { needsAttention } from "./runs";
import { sampleNames } from "./samples";
import { scoreName } from "./series";
import type { State } from "./state";

/** What the layout depends on: which sections, charts, rows and choices there are. */
function shape(page: Page): string {
  const { title, runs, networks, parameters, shared_parameters } = page.data;
  return JSON.stringify([title, networks, parameters, shared_parameters, runs.some(needsAttention), sampleNames(runs),
    dimensions(page).map(({ name }) => name),
    runs.map((run) => [run.id, run.folder, run.state === "damaged", run.networks, run.networks_problem,
      run.metrics.map((metric) => metric.name), run.scores.map((score) => [scoreName(score), score.later])])]);
}

/** Shows the new data; what the reader has chosen stays, and where he is. */
async function refresh(state: State, build: (state: State) => void): Promise<void> {
  const answer = await fetch("data", { cache: "no-store" });
  if (!answer.ok) throw new Error(`the server answers ${answer.status}`);
  const { data, columns } = (await answer.json()) as { data: unknown; columns: string };
  const page = await Page.read(JSON.stringify(data), columns);
  if (shape(page) === shape(state.page)) {
    state.dataChanged(page);
    return;
  }
  // Something came or went: the page is laid out anew.
  const goBack = placeOfReader();
  state.page = page;
  state.forget();
  build(state);
  goBack();
}

export function follow(state: State, build: (state: State) => void): void {
  const say = (text: string) => {
    const made = document.getElementById("made");
    if (made) made.textContent = text;
  };
  const events = new EventSource("events");
  let busy = false, again = false;
  const update = async () => {
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    try {
      do {
        again = false;
        await refresh(state, build);
        say("live");
      } while (again);
    } catch (error) {
      say(`not up to date: ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      busy = false;
    }
  };
  events.addEventListener("changed", () => void update());
  events.onopen = () => say("live");
  events.onerror = () => say("not connected: the server does not answer");
}
