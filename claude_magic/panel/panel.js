// The panel: one store for all its views, and what anywidget calls.

import { Cells, findNotebook, keepUnboxed, typeset, watchKernel } from "./notebook.js";
import { Line, UNPACKS } from "./packing.js";
import { Composer } from "./composer.js";
import { draftKey, leftKey, readDraft, takeDraft, writeDraft } from "./drafts.js";
import { Frame, welcome } from "./frame.js";
import { Reading } from "./reading.js";
import { Store } from "./store.js";
import { TurnView } from "./turns.js";
import { footWords } from "./words.js";
import { h, textButton } from "./elements.js";

class View {
  constructor(store, model, element) {
    this.store = store;
    this.model = model;
    this.manager = model.widget_manager;
    this.cells = null;
    this.turns = new Map();
    this.queue = [];
    this.composer = new Composer(this);
    this._build();
    this.frame = new Frame(store, this.composer, h("div", { className: "cp-middle" }, this.scroll, this.reading.latest));
    this.root = this.frame.root;
    this._listenTo();
    element.append(this.root);
    this._welcome();
    this.later(() => typeset(this.manager, h("p", {}, h("span", { className: "mathjax_process" }, "\\(x\\)")))); // loads what sets them
    this._unlisten = store.listen((event, detail) => this[`_${event}`]?.(detail));
    this._clock = setInterval(() => this._tick(), 250);
    store.speaker ??= this;
    if (store.ready) this._reset();
    if (store.lost) this._lost();
    requestAnimationFrame(() => this._placed(element));
  }

  _build() {
    this.list = h("div", { className: "cp-turns" });
    this.more = textButton("Earlier messages", () => this.store.earlier(), { className: "cp-button cp-earlier", hidden: true });
    this.empty = h("div", { className: "cp-empty" });
    this.scroll = h("div", { className: "cp-scroll", tabIndex: 0, role: "region", "aria-label": "Conversation" },
      this.more, this.empty, this.list);
    this.reading = new Reading(this.scroll, this.list, () => this.store.earlier());
  }

  _listenTo() {
    this.scroll.addEventListener("scroll", () => this.root.classList.toggle("cp-scrolled", this.scroll.scrollTop > 4), { passive: true });
    this.root.addEventListener("focusin", () => { this.store.speaker = this; });
    this.root.addEventListener("keydown", (event) => this._key(event));
  }

  /** Where the view stands is known only when it is in the page. */
  async _placed(element) {
    this._key_of_draft = draftKey(this.model, this.root);
    this.composer.restore(readDraft(this._key_of_draft) ?? takeDraft(leftKey()) ?? {});
    this.frame.fill();
    const panel = await findNotebook(this.manager, this.model.get("panel_id"), element);
    if (!panel) return;
    this.cells = new Cells(panel);
    this._rebox = keepUnboxed(panel, element);
    this.store.keeper ??= this;
    if (this.store.ready) this._reset(); // the buttons say what they will do
  }

  destroy() {
    this.frame.end();
    this._rebox?.();
    this._unlisten();
    clearInterval(this._clock);
    this.reading.end();
    if (this.store.speaker === this) this.store.speaker = null;
    if (this.store.keeper === this) this.store.keeper = null;
  }

  // What the turns and the box need

  say(words) {
    if (this.store.speaker === this) this.frame.say(words);
  }

  /** Do something when the page has time: formulas are set one part at a time. */
  later(job) {
    this.queue.push(job);
    if (this.queue.length === 1) this._idle();
  }

  _idle() {
    const soon = globalThis.requestIdleCallback ?? ((act) => setTimeout(act, 30));
    soon(() => {
      this.queue.shift()?.();
      if (this.queue.length) this._idle();
    }, { timeout: 500 });
  }

  stop() {
    for (const turn of this.store.answering) this.store.stop(turn.id);
    this.composer.box.focus();
  }

  /** A question went out: it is shown, at the end or where it stands. */
  sent(turn) {
    if (turn.instead && turn !== this.store.turns.at(-1)) this.reading.to(this.turns.get(turn.id)?.element);
    else this.reading.toEnd();
  }

  edit(turn) {
    this.composer.edit(turn);
  }

  again(turn) {
    const asked = this.store.askAgain(turn);
    if (asked) this.sent(asked);
  }

  insertLabel(what, kind) {
    if (this.cells) return `Insert ${what} as a ${kind} below`;
    return `Offer ${what} as the next cell: it appears below the next cell you run`;
  }

  insert(kind, source, run = false) {
    if (this.cells) {
      const number = this.cells.insert(kind, source, run);
      this.say(run ? `Running in new cell ${number}.` : `Inserted as cell ${number}.`);
    } else {
      this.store.link.send({ kind: "insert", source: kind === "markdown" ? `%%markdown\n${source}` : source });
      this.say("It appears below the next cell you run.");
    }
  }

  drafted() {
    if (this._key_of_draft) writeDraft(this._key_of_draft, this.composer.draft());
  }

  // What the store tells

  _reset() {
    this.turns.clear();
    const views = this.store.turns.map((turn) => this._viewOf(turn));
    this.list.replaceChildren(...views.map((view) => view.element));
    this._earlierButton();
    this._foot();
    this._choices();
    this._welcome();
    this.frame.name(this.store.name);
    this.composer.buttons();
    this.reading.toEnd();
  }

  _viewOf(turn) {
    const view = new TurnView(this, turn);
    this.turns.set(turn.id, view);
    return view;
  }

  _earlier(turns) {
    const first = this.list.firstElementChild;
    this.reading.above(() => {
      for (const turn of turns) this.list.insertBefore(this._viewOf(turn).element, first);
      this._earlierButton();
    });
  }

  _earlierButton() {
    this.more.hidden = this.store.more === 0;
  }

  _put({ turn, before }) {
    const next = this.turns.get(before)?.element ?? null;
    this.list.insertBefore(this._viewOf(turn).element, next);
    this._welcome();
    this._after();
    if (turn.live) this.say("Claude is asked.");
  }

  _changed({ turn, before }) {
    const view = this.turns.get(before);
    if (!view) return;
    this.turns.delete(before);
    this.turns.set(turn.id, view);
    view.show(turn);
    this._after();
  }

  _gone(id) {
    this.turns.get(id)?.element.remove();
    this.turns.delete(id);
    this._welcome();
  }

  _grow({ turn, part }) {
    this.turns.get(turn.id)?.grow(part);
    this._after();
  }

  _phase(turn) {
    this.turns.get(turn.id)?.tick();
    if (turn.phase.name === "retrying") this.say(`${turn.phase.why}; Claude is asked again soon.`);
  }

  _end(turn) {
    const view = this.turns.get(turn.id);
    if (!view) return;
    view.finish();
    this._after();
    this.say(turn.error ? `${turn.error.message} ${turn.error.hint}` : `Claude: ${view.words()}`);
  }

  _refused({ ref, words, hint }) {
    if (!this.composer.attached.refused(ref, words)) this.frame.notify(`${words} ${hint}`);
  }

  /** One view looks, a little later, whether the notebook keeps what the kernel told it to. */
  _kept(changes) {
    if (!this.cells || this.store.keeper !== this) return;
    const fetch = () => this.store.link.request({ kind: "kept" }, 5000);
    setTimeout(() => this.cells.refresh(this.model.get("panel_id"), changes, fetch), 1000);
  }

  _attached(message) {
    this.composer.attached.came(message);
  }

  _lost() {
    this.frame.notify(this.store.lost);
    writeDraft(leftKey(), this.composer.draft());
    this.composer.buttons();
  }

  _choices() {
    this.frame.choices(this.store.choices, this.store.defaults);
  }

  _foot() {
    if (this.store.foot) this.frame.sum(footWords(this.store.foot));
  }

  _welcome() {
    const none = this.store.turns.length === 0;
    this.empty.hidden = !none;
    if (none && !this.empty.childElementCount) this.empty.append(...welcome());
  }

  _after() {
    this.composer.buttons();
    this.reading.grown();
  }

  // Time

  _tick() {
    this.frame.waiting(this.store.link.waits);
    for (const turn of this.store.answering) this.turns.get(turn.id)?.tick();
  }

  // Keys for the whole panel

  _key(event) {
    event.stopPropagation();
    if ((event.ctrlKey || event.metaKey) && event.key === "s" && this.cells) {
      event.preventDefault();
      this.cells.save();
    }
  }

}

/** Called once for each panel and page; what it returns is called for each view. */
export default () => {
  let store;
  const begin = (model) => {
    if (store) return;
    const id = Math.random().toString(36).slice(2, 10);
    store = new Store((message, buffers) => model.send(message, undefined, buffers), id);
    const line = new Line((message) => store.receive(message));
    model.on("msg:custom", (message, buffers) => line.put(message, buffers));
    watchKernel(model.widget_manager, () => store.lose());
    store.hello({ unpacks: UNPACKS });
  };
  return {
    initialize({ model }) {
      begin(model);
    },
    render({ model, el }) {
      begin(model);
      const view = new View(store, model, el);
      return () => view.destroy();
    },
  };
};
