// The box: words, attachments, variables, and the way to the kernel.

import { h, icon, iconButton } from "./elements.js";
import { Attached, Strip } from "./attached.js";
import { Names } from "./names.js";
import { wordsAgain } from "./store.js";

const TALLEST = 220; // pixels

/** The box of one view. Its draft is its own. `view` gives: store, say(words), sent(). */
export class Composer {
  constructor(view) {
    this.view = view;
    this.store = view.store;
    this.recalled = -1;
    this.edited = null; // the turn whose question is changed
    this.aside = null; // what stood in the box before
    this._build();
    this._fit();
  }

  _build() {
    const { link } = this.store;
    this.box = h("textarea", {
      className: "cp-box",
      rows: 1,
      dir: "auto",
      placeholder: "Ask Claude about this notebook …",
      "aria-label": "Message to Claude",
      oninput: () => this._changed(),
      onkeydown: (event) => this._key(event),
      onpaste: (event) => this._paste(event),
    });
    this.names = new Names(this.box, link, `cp-names-${link.newRef()}`, () => this._changed());
    this.attached = new Attached(link, () => this._attachedChanged(), (words) => this.view.say(words));
    this.attached.element.addEventListener("click", () => this.box.focus()); // what was clicked is gone
    this.strip = new Strip(link, (picture) => this._attachPicture(picture));
    this.file = h("input", { type: "file", multiple: true, hidden: true, tabIndex: -1 });
    this.file.addEventListener("change", () => {
      this.attached.attach([...this.file.files]);
      this.file.value = "";
    });
    this.editing = h("div", { className: "cp-editing", hidden: true },
      h("span", {}), iconButton("close", "Leave the question as it is", () => this._leave()));
    this.sendButton = iconButton("send", "Send (Enter)", () => this.send(), { className: "cp-send" });
    this.stopButton = iconButton("stop", "Stop the answer", () => this.view.stop(), { className: "cp-stop" });
    this.modelButton = h("button", { type: "button", className: "cp-model", title: "Settings" });
    const tools = h("div", { className: "cp-tools" },
      iconButton("attach", "Attach files", () => this.file.click()),
      this.strip.button,
      iconButton("more", "A variable of the notebook (@)", () => this.names.offer(), { className: "cp-at" }),
      h("span", { className: "cp-space" }), this.modelButton, this.stopButton, this.sendButton);
    tools.querySelector(".cp-at").replaceChildren("@");
    this.element = h("div", { className: "cp-composer" }, this.editing, this.strip.element, this.attached.element, this.names.element, this.box, tools, this.file);
    this.buttons();
  }

  /** What can be pressed now. */
  buttons() {
    const answering = this.store.answering.length > 0;
    const lost = Boolean(this.store.lost);
    this.stopButton.hidden = !answering;
    this.sendButton.disabled = lost || !this._ready();
    this.sendButton.hidden = answering && !this.box.value.trim();
    this.box.readOnly = lost;
  }

  _ready() {
    return Boolean(this.box.value.trim()) && !this.attached.areComing;
  }

  set(text) {
    this.box.value = text;
    this._changed();
    this._focus();
  }

  _focus() {
    const end = this.box.value.length;
    this.box.focus();
    this.box.setSelectionRange(end, end);
  }

  send() {
    const text = this.box.value.trim();
    if (!this._ready() || this.store.lost) return;
    const turn = this.store.ask(text, this.attached.ready, this.edited?.id);
    if (!turn) return;
    this.recalled = -1;
    this.strip.toggle(false);
    this._put(this.aside ?? { text: "", attachments: [] });
    this.box.focus();
    this.view.sent(turn);
  }

  /** Take a question into the box; what was being typed comes back afterwards. */
  async edit(turn) {
    const { text, all } = await this._reused(turn);
    const aside = this.aside ?? { text: this.box.value, attachments: this.attached.all };
    this._put({ text, attachments: all, edited: { id: turn.id, cell: turn.cell }, aside });
    this._focus();
  }

  async _reused(turn) {
    const typed = { text: wordsAgain(turn), all: turn.attachments ?? [] };
    if (turn.refused) return typed;
    return (await this.store.link.request({ kind: "reuse", turn: turn.id }, 10_000)) ?? typed;
  }

  _leave() {
    this.attached.forget();
    this._put(this.aside ?? { text: "", attachments: [] });
    this._focus();
  }

  _put({ text, attachments, edited = null, aside = null }) {
    Object.assign(this, { edited, aside });
    this.editing.hidden = !edited;
    this.editing.firstChild.textContent = edited?.cell
      ? "A question like this cell’s; the cell stays as it is"
      : "An earlier question, asked again in its place";
    this.box.value = text;
    this.attached.put(attachments);
    this._changed();
  }

  _attachedChanged() {
    this.buttons();
    this.view.drafted();
  }

  _attachPicture(picture) {
    this.attached.attachPicture(picture);
    this.box.focus();
  }

  _paste(event) {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length) return;
    event.preventDefault();
    this.attached.attach(files);
  }

  _changed() {
    this._fit();
    this.buttons();
    this.view.drafted();
    this.names.look();
  }

  /** As tall as the words, up to a limit. */
  _fit() {
    this.box.style.height = "auto";
    this.box.style.height = `${Math.min(TALLEST, this.box.scrollHeight)}px`;
  }

  _key(event) {
    if (event.isComposing) return;
    if (this.names.takesKey(event)) return;
    if (event.key === "Escape" && this.edited) return this._leave();
    if (event.key === "Enter" && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      this.send();
    } else if ((event.key === "ArrowUp" || event.key === "ArrowDown") && this._mayRecall(event.key)) {
      event.preventDefault();
      this._recall(event.key === "ArrowUp" ? 1 : -1);
    }
  }

  /** The arrows recall in an empty box, and while nothing recalled was changed. */
  _mayRecall(key) {
    const said = this.store.asked;
    const shown = this.recalled >= 0 ? said[said.length - 1 - this.recalled] : "";
    return this.box.value === shown && (key === "ArrowUp" ? said.length > 0 : this.recalled >= 0);
  }

  _recall(step) {
    const said = this.store.asked;
    this.recalled = Math.max(-1, Math.min(said.length - 1, this.recalled + step));
    this.set(this.recalled < 0 ? "" : said[said.length - 1 - this.recalled]);
    this.names.close();
  }

  // The draft

  draft() {
    return { text: this.box.value, refs: this.attached.ready.map((one) => one.ref), edited: this.edited };
  }

  async restore({ text, refs, edited }) {
    if (text && !this.box.value) this._put({ text, attachments: this.attached.all, edited });
    this._fit();
    this.buttons();
    if (!refs?.length || this.attached.all.length) return;
    const known = await this.store.link.request({ kind: "attached", refs });
    this.attached.put([...this.attached.all, ...(known ?? [])]);
  }
}
