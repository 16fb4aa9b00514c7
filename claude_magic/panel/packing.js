// What the kernel sent, perhaps packed -> messages, in the order in which they were sent.

/** What this page can unpack; the kernel packs nothing for one that cannot. */
export const UNPACKS = typeof DecompressionStream === "function";

/** Hands messages on one after another: unpacking one may not let a later one overtake it. */
export class Line {
  constructor(take) {
    this._take = take;
    this._last = null; // of what is still being unpacked
  }

  put(message, buffers = []) {
    const packed = message.kind === "packed";
    if (!packed && !this._last) return this._take(message);
    const ready = packed ? unpacked(buffers[0]) : message;
    const last = Promise.resolve(this._last).then(async () => this._take(await ready));
    this._last = last;
    return last.finally(() => { if (this._last === last) this._last = null; });
  }
}

/** The message in a buffer: JSON, deflated. */
export async function unpacked(buffer) {
  const stream = new Blob([buffer]).stream().pipeThrough(new DecompressionStream("deflate"));
  return JSON.parse(await new Response(stream).text());
}
