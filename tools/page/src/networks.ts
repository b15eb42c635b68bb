// Diagrams of networks: layers from the inputs down, with what each gives out and how many weights it has.
import type { NetworkData } from "./data";
import { element } from "./dom";
import type { State } from "./state";
import { grouped, plural } from "./text";

function box(kind: string, name: string, output: string, parameters: number | null, share: number, depth: number): HTMLElement {
  const made = element("li", { class: parameters === null ? "input" : depth ? "inner" : "" },
    element("span", { class: "kind" }, kind), element("span", { class: "layer-name" }, name === kind ? "" : name),
    element("span", { class: "shape" }, output),
    element("span", { class: "weights" }, parameters ? grouped(parameters) : ""));
  made.style.setProperty("--share", `${Math.round(share * 100)}%`);
  made.style.setProperty("--depth", String(depth));
  return made;
}

function diagram(state: State, network: NetworkData, index: number): HTMLElement {
  const total = network.layers.reduce((sum, layer) => sum + layer.parameters, 0);
  const owners = state.runs.filter((run) => run.networks.includes(index));
  const whose = owners.length === state.runs.length ? "" : owners.length === 1 ? owners[0]!.id : plural(owners.length, "run");
  return element("article", { class: "card network" },
    element("header", {}, element("h3", {}, network.name), whose ? element("span", { class: "hint", title: owners.map((run) => run.id).join("\n") }, whose) : null),
    element("p", { class: "note" }, network.problem || `${plural(network.layers.length, "layer")}, ${plural(total, "parameter")}`),
    element("ol", { class: "layers", "aria-label": `Layers of ${network.name}` },
      network.inputs.map((input) => box("input", input.name, input.shape, null, 0, 0)),
      network.layers.map((layer) => box(layer.kind, layer.name, layer.output, layer.parameters, total ? layer.parameters / total : 0, layer.depth))));
}

export function networks(state: State): HTMLElement[] {
  const { networks: all } = state.page.data;
  const problems = state.runs.filter((run) => run.networks_problem);
  return [
    element("div", { class: "networks" }, all.map((network, i) => diagram(state, network, i))),
    ...problems.map((run) => element("p", { class: "note" }, `${run.id}: ${run.networks_problem}`)),
  ];
}
