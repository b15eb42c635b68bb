// What the program wrote into the page: see framework/page/page_data.hpp, which describes every field.

/** [kind, offset in bytes, length]: "f" float32, "i" rises of uint32, "d" rises of float64. */
export type ColumnPlace = ["f" | "i" | "d", number, number];

export interface MetricData {
  name: string;
  at: ColumnPlace | null;  // which records; null: all
  values: ColumnPlace;
  means: ColumnPlace | null;  // of the buckets between which the records were thinned out
}

export interface ScoreData {
  evaluation: string;
  metric: string;
  later: boolean;  // asked for after the training
  points: [step: number, seconds: number | null, value: number | null, uncertainty: number | null,
           floor: number | null, protocol: number][];
  floor_n: number | null;  // examples of each side of the newest floor
  warnings: string[];      // of the newest record
}

export interface RunData {
  id: string;
  name: string;
  folder: string;
  state: "complete" | "running" | "stopped" | "pruned" | "diverged" | "failed" | "damaged";
  problem: string;
  sweep: string | null;    // folder of the sweep whose trial it is
  step: number;
  total_steps: number | null;
  seconds: number;
  message: string;         // why it ended before its end; "" if nothing says so
  group: number;
  steps_per_epoch: number | null;
  records: number;
  steps: { at: ColumnPlace; steps: ColumnPlace };
  time: { at: ColumnPlace; seconds: ColumnPlace };
  metrics: MetricData[];
  scores: ScoreData[];
  pictures: { sample: string; step: number; source: string }[];
  pictures_left_out: number;
  networks: number[];
  networks_problem: string;
  provenance: [string, string][];
}

export interface NetworkData {
  name: string;
  inputs: { name: string; shape: string }[];
  layers: { name: string; kind: string; output: string; parameters: number; depth: number }[];
  problem: string;
}

export type Protocol = Record<string, string | null>;

export interface PageData {
  format: number;
  title: string;
  version: string;
  made: string;
  live: boolean;
  thinned: { above: number; stretches: number } | null;  // how curves of so many records were thinned out
  runs: RunData[];
  parameters: { key: string; heading: string; values: (string | null)[] }[];  // those that differ: one value a run
  shared_parameters: [string, string][];
  protocols: Protocol[];
  unlike: { name: string; of: "last" | "training" | "later"; lines: string[] }[];  // scores that cannot be compared
  networks: NetworkData[];
}

export class Page {
  private readonly unpacked = new Map<number, Float64Array>();

  private constructor(readonly data: PageData, private readonly bytes: ArrayBuffer) {}

  static async read(text: string, columns: string): Promise<Page> {
    const letters = atob(columns.trim()), packed = new Uint8Array(letters.length);
    for (let i = 0; i < letters.length; ++i) packed[i] = letters.charCodeAt(i);
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
    return new Page(JSON.parse(text) as PageData, await new Response(stream).arrayBuffer());
  }

  /** Each is unpacked once; nobody writes to it. */
  column(place: ColumnPlace): Float64Array {
    let known = this.unpacked.get(place[1]);
    if (!known || known.length !== place[2]) this.unpacked.set(place[1], known = this.unpack(place));
    return known;
  }

  private unpack([kind, offset, length]: ColumnPlace): Float64Array {
    if (kind === "f") return new Float64Array(new Float32Array(this.bytes, offset, length));
    const rises = kind === "i" ? new Uint32Array(this.bytes, offset, length) : new Float64Array(this.bytes, offset, length);
    const values = new Float64Array(length);
    let sum = 0;
    for (let i = 0; i < length; ++i) values[i] = sum += rises[i]!;
    return values;
  }
}
