// The page's link to the kernel: what is sent, and what is not answered yet. Pure, so that tests need no page.

const PATIENCE = 1.5; // seconds without a reply, after which one is told that it must be waited for
const FIRST_PAUSE = 300; // milliseconds until something is said again

/** `send(message, buffers)` reaches the kernel and throws when it cannot; then `lost()` is called. */
export class Link {
  constructor(send, id, clock, lost) {
    this.id = id;
    this.ended = false;
    this._send = send;
    this._clock = clock;
    this._lost = lost;
    this._waiting = new Map();
    this._number = 0;
  }

  newRef() {
    this._number += 1;
    return `${this.id}-${this._number}`;
  }

  /** Send to the kernel; false when it is not there any more. */
  send(message, buffers) {
    try {
      this._send({ ...message, from: this.id }, buffers);
      return true;
    } catch {
      this._lost();
      return false;
    }
  }

  /** Send and wait for the reply of the same `ref`; undefined when none came in time. */
  request(message, milliseconds = 0) {
    return this._asked({ ...message, ref: this.newRef() }, milliseconds);
  }

  /**
   * The same, said again after longer and longer pauses: the first words of a page may go to where
   * a cell runs, and only then does the page open a way around it.
   */
  insist(message) {
    const told = { ...message, ref: this.newRef() };
    const reply = this._asked(told);
    const again = (pause) => setTimeout(() => {
      if (this.ended || !this._waiting.has(told.ref)) return;
      this.send(told);
      again(2 * pause);
    }, pause);
    again(FIRST_PAUSE);
    return reply;
  }

  _asked(message, milliseconds = 0) {
    const { ref } = message;
    return new Promise((resolve) => {
      this._waiting.set(ref, { resolve, since: this._clock() });
      if (milliseconds) setTimeout(() => this.reply(ref, undefined), milliseconds);
      if (!this.send(message)) this.reply(ref, undefined);
    });
  }

  /** What was asked for has come. False: nobody waits for it. */
  reply(ref, value) {
    const waiting = this._waiting.get(ref);
    this._waiting.delete(ref);
    waiting?.resolve(value);
    return Boolean(waiting);
  }

  /** Whether the kernel has left something unanswered for a while: it runs a cell. */
  get waits() {
    const early = this._clock() - PATIENCE;
    return !this.ended && [...this._waiting.values()].some(({ since }) => since < early);
  }
}
