// What the kernel told -> what is known of the conversation. One store for all views of a panel.
// Pure: it draws nothing, so tests need no page.

import { Link } from "./link.js";

/**
 * `send(message, buffers)` reaches the kernel and throws when it cannot; `id` names this page.
 * Views listen: `reset`, `put`, `gone`, `renamed`, `grow`, `phase`, `end`, `foot`, `choices`, …
 */
export class Store {
  constructor(send, id, clock = () => Date.now() / 1000) {
    this.id = id;
    this.clock = clock;
    this.link = new Link(send, id, clock, () => this.lose());
    this.ready = false;
    this.lost = "";
    this.turns = [];
    this.more = 0;
    this.foot = null;
    this.choices = {};
    this.defaults = { models: [] };
    this.name = "";
    this.speaker = null; // the one view that reads aloud
    this._listeners = new Set();
  }

  listen(listener) {
    this._listeners.add(listener);
    return () => this._listeners.delete(listener);
  }

  _tell(event, detail) {
    for (const listener of [...this._listeners]) listener(event, detail);
  }

  /** Ask the kernel what there is. */
  hello(more = {}) {
    this.link.insist({ kind: "hello", ...more });
  }

  /** The kernel that this panel belongs to is gone. */
  lose() {
    if (this.lost) return;
    this.link.ended = true;
    this.lost = "The kernel was restarted, so this panel has ended. Run its cell again: %claude chat";
    const unsent = { message: "The kernel was restarted before it took this question.", hint: "" };
    const cut = { notes: ["Cut off here: the kernel was restarted."] };
    for (const turn of this.answering) {
      this._end(turn, turn.phase.name === "sending" ? { error: unsent } : { answer: cut });
    }
    this._tell("lost");
  }

  turn(id) {
    return this.turns.find((turn) => turn.id === id);
  }

  get answering() {
    return this.turns.filter((turn) => turn.live);
  }

  /** What was asked here, oldest first, for the arrow keys. */
  get asked() {
    return this.turns.map((turn) => wordsAgain(turn)).filter(Boolean);
  }

  /** Ask, perhaps in the place of another turn. Returns the turn that shows at once, or null. */
  ask(text, attachments, again = "") {
    const ref = this.link.newRef();
    const refs = attachments.map((one) => one.ref);
    if (!this.link.send({ kind: "ask", ref, text, attachments: refs, again })) return null;
    const pictures = attachments.filter((one) => one.small);
    const documents = attachments.filter((one) => !one.small).map((one) => one.name);
    const question = { text, typed: text, pictures, documents };
    return this._sending({ id: ref, question, attachments, again }, this.turn(again));
  }

  /** Ask a turn's question once more. */
  askAgain(turn) {
    if (turn.refused) this._on_drop({ turn: turn.id });
    if (turn.refused && turn.attachments) return this.ask(turn.question.typed, turn.attachments, turn.again);
    const first = turn.refused ? this.turn(turn.again) : turn;
    const ref = this.link.newRef();
    if (!first || !this.link.send({ kind: "again", ref, turn: first.id })) return null;
    return this._sending({ id: ref, question: first.question, again: first.id }, first);
  }

  /** Show a question before the kernel has it: in the place of its old self, unless a cell asked. */
  _sending(told, before) {
    const phase = { name: "sending", since: this.clock() };
    const asked = this.clock();
    const turn = { ...told, asked, live: true, parts: [], open: "", phase };
    if (before && !before.cell) {
      turn.instead = before;
      this._replace(before, turn);
    } else {
      this._insert(turn, this.turns.at(-1)?.id ?? "");
    }
    return turn;
  }

  stop(id) {
    return this.link.send({ kind: "stop", turn: id });
  }

  earlier() {
    const first = this.turns.find((turn) => !turn.live && turn.kept !== false);
    if (!this.more || !first || this.loading) return;
    this.loading = true;
    this.link.send({ kind: "earlier", before: first.id });
  }

  choose(choices) {
    this.choices = { ...this.choices, ...choices };
    return this.link.send({ kind: "choose", choices });
  }

  /** Take in a message of the kernel. */
  receive(message) {
    if (message.to && message.to !== this.id) return;
    const take = this[`_on_${message.kind}`];
    if (take) take.call(this, message);
  }

  _on_state(message) {
    if (message.ref && !this.link.reply(message.ref)) return; // the page said hello again meanwhile
    const sending = this.turns.filter((turn) => turn.phase?.name === "sending");
    this.ready = true;
    this.loading = false;
    this.turns = message.turns.map(settled);
    this.more = message.more;
    this.turns.push(...message.failed.map(settled));
    for (const live of message.live) this._begin(this._growing(live));
    this.turns.push(...sending.filter((turn) => !this.turn(turn.id)));
    for (const name of ["name", "foot", "choices", "defaults"]) this[name] = message[name] ?? this[name];
    this._tell("reset");
  }

  /** An answer that was on its way before this page was: in the place of its old self. */
  _begin(turn) {
    const at = this.turns.findIndex((other) => other.id === turn.again);
    this.turns.splice(at < 0 ? this.turns.length : at, at < 0 ? 0 : 1, turn);
  }

  _on_earlier(message) {
    const turns = message.turns.filter((turn) => !this.turn(turn.id)).map(settled);
    this.loading = false;
    this.turns.unshift(...turns);
    this.more = message.more;
    this._tell("earlier", turns);
  }

  _on_put({ turn, after }) {
    const known = this.turn(turn.id);
    if (known) {
      this._replace(known, settled(turn));
    } else if (this._is_shown(after)) {
      this._insert(settled(turn), after);
    }
  }

  /** Whether what stands behind the turn `after` is among what is loaded. */
  _is_shown(after) {
    return after ? Boolean(this.turn(after)) : this.more === 0;
  }

  _insert(turn, after) {
    const place = this.turns.findIndex((other) => other.id === after) + 1;
    this.turns.splice(place, 0, turn);
    this._tell("put", { turn, before: this.turns[place + 1]?.id ?? "" });
  }

  _on_drop({ turn }) {
    const known = this.turn(turn);
    if (!known) return;
    this.turns.splice(this.turns.indexOf(known), 1);
    this._tell("gone", turn);
  }

  _on_got({ ref }) {
    const turn = this.turn(ref);
    if (turn?.phase?.name === "sending") this._phase(turn, { name: "waiting", for: 0 });
  }

  /** A question is asked: one of this page, of another view, or of a cell; perhaps once more. */
  _on_asked({ ref, turn }) {
    const growing = this._growing(turn);
    const shown = this.turn(ref) ?? this.turn(turn.again);
    if (shown && turn.again && shown.id !== turn.again) this._on_drop({ turn: turn.again });
    if (shown) this._replace(shown, growing);
    else this._insert(growing, this.turns.at(-1)?.id ?? "");
  }

  _replace(shown, turn) {
    this.turns[this.turns.indexOf(shown)] = turn;
    this._tell("changed", { turn, before: shown.id });
  }

  _growing({ html, open, phase, ...turn }) {
    const parts = html ? [html] : [];
    return { ...turn, live: true, parts, open, phase: this._here(phase) };
  }

  /** A phase in this page's time. */
  _here(phase) {
    const now = this.clock();
    return { name: phase.name, why: phase.why, since: now - phase.for, until: now + (phase.in ?? 0) };
  }

  _phase(turn, phase) {
    turn.phase = this._here(phase);
    this._tell("phase", turn);
  }

  _on_phase({ turn, phase }) {
    const known = this.turn(turn);
    if (known) this._phase(known, phase);
  }

  /** The open end keeps its beginning and gets more; what is final of it is left alone. */
  _on_grow({ turn, keep, add, final }) {
    const known = this.turn(turn);
    if (!known) return;
    const all = known.open.slice(0, keep) + add;
    const part = all.slice(0, final);
    if (part) known.parts.push(part);
    known.open = all.slice(final);
    this._tell("grow", { turn: known, part });
  }

  _on_end({ turn, kept, answer, error }) {
    const known = this.turn(turn);
    if (known) this._end(known, { kept, answer, error });
  }

  _end(turn, { kept = false, answer, error }) {
    const html = turn.parts.join("") + turn.open;
    const whole = Boolean(answer?.html); // it came anew: what was shown while it grew is replaced
    Object.assign(turn, { live: false, open: "", phase: null, error, kept });
    turn.answer = { html, notes: [], meta: "", whole, ...answer };
    this._tell("end", turn);
  }

  _on_refused(message) {
    if (this.link.reply(message.ref, undefined)) return;
    const turn = this.turn(message.ref);
    if (turn) this._refuse(turn, { message: message.words, hint: message.hint });
    else this._tell("refused", message);
  }

  /** The kernel did not ask it: its old self comes back, and what was to be asked stands last. */
  _refuse(turn, error) {
    const { instead, ...asked } = turn;
    if (instead) {
      this._replace(turn, instead);
      turn = asked;
      this._insert(turn, this.turns.at(-1).id);
    }
    turn.refused = true;
    this._end(turn, { error });
  }

  _on_foot({ foot }) {
    this.foot = foot;
    this._tell("foot");
  }

  _on_chosen({ choices, foot, defaults }) {
    Object.assign(this, { choices, foot, defaults });
    this._tell("choices");
    this._tell("foot");
  }

  _on_kept({ changes }) {
    this._tell("kept", changes);
  }

  _on_bundle({ ref, data }) {
    this.link.reply(ref, data);
  }

  _on_source({ ref, text }) {
    this.link.reply(ref, text);
  }

  _on_reused({ ref, text, all }) {
    this.link.reply(ref, { text, all });
  }

  _on_names({ ref, names }) {
    this.link.reply(ref, names);
  }

  _on_conversations({ ref, all }) {
    this.link.reply(ref, all);
  }

  _on_reattached({ ref, all }) {
    this.link.reply(ref, all);
  }

  _on_pictures({ ref, all }) {
    this.link.reply(ref, all);
  }

  _on_attached(message) {
    this._tell("attached", message);
  }
}

function settled(turn) {
  const failed = turn.error ? { answer: { html: "", notes: [], meta: "" } } : {};
  return { ...turn, ...failed, live: false, parts: [], open: "", phase: null };
}

/** The words of a question as they were typed, or else as they were sent. */
export function wordsOf(turn) {
  return turn.question?.typed ?? turn.question?.text ?? "";
}

/** They, to be typed again: braces that came with a value stay braces. */
export function wordsAgain(turn) {
  return turn.question?.typed ?? (turn.question?.text ?? "").replaceAll("{{", "\\{{");
}
