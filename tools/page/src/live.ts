// While `duel serve` gives the page out: the server says that runs have changed, the page asks for their data.
import { Page, type PageData } from "./data";
import { scoreName } from "./series";
import type { State } from "./state";

/** What the layout depends on: which sections and charts there are. */
function shape({ runs, networks, parameters }: PageData): string {
  return JSON.stringify([networks.length, parameters, runs.map((run) => [run.id, run.state, run.problem, run.pictures.length > 0,
    run.metrics.map((metric) => metric.name), run.scores.map((score) => [scoreName(score), score.later])])]);
}

/** Shows the new data; what the reader has chosen stays. */
async function refresh(state: State, build: (state: State) => void): Promise<void> {
  const answer = await fetch("data", { cache: "no-store" });
  if (!answer.ok) throw new Error(`the server answers ${answer.status}`);
  const { data, columns } = (await answer.json()) as { data: unknown; columns: string };
  const page = await Page.read(JSON.stringify(data), columns);
  if (shape(page.data) === shape(state.page.data)) {
    state.dataChanged(page);
    return;
  }
  state.page = page;
  // Something came or went: the page is laid out anew where the reader is.
  const place = scrollY;
  state.forget();
  build(state);
  scrollTo(0, place);
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
