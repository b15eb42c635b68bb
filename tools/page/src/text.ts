// Numbers and durations as a reader wants them.

export function number(value: number | null | undefined): string {
  if (value === null || value === undefined) return "–";
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "not a number" : value > 0 ? "∞" : "−∞";
  if (value === 0) return "0";
  const size = Math.abs(value);
  const text = size >= 1e6 || size < 1e-3 ? Number(value.toPrecision(3)).toExponential().replace("e+", "e")
    : size >= 1000 ? inThousands(Number(value.toPrecision(5))) : String(Number(value.toPrecision(4)));
  return text.replace("-", "−");
}

function inThousands(value: number): string {
  const [whole, rest] = String(value).split(".");
  return grouped(Number(whole)) + (rest ? `.${rest}` : "");
}

/** A whole number, all of its digits: steps, counts. */
export function grouped(value: number): string {
  return Math.round(value).toString().replace(/\B(?=(\d{3})+$)/g, "\u202f");
}

export function duration(seconds: number): string {
  if (seconds < 100) return `${Number(seconds.toPrecision(seconds < 10 ? 2 : 3))} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 100) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}
