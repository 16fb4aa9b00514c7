// The box: words, attachments, variables, and the way to the kernel.

import { h, icon, iconButton } from "./elements.js";
import { asked, bytes, count } from "./words.js";
import { upload } from "./uploads.js";
import { wordsAgain } from "./store.js";

const TALLEST = 220; // pixels

/** The box of one view. Its draft is its own. `view` gives: store, say(words), sent(). */
export class Composer {
  constructor(view) {
    this.view = view;
    this.store = view.store;
    this.attachments = [];
    this.recalled = -1;
    this.edited = null; // the turn whose question is changed
    this.aside = null; // what stood in the box before
    this.names = { found: [], chosen: 0, at: null };
    this._build();
    this._fit();
  }

  _build() {
    const id = `cp-names-${this.store.id}-${(Composer.made = (Composer.made ?? 0) + 1)}`;
    this.list = h("div", { className: "cp-names", id, role: "listbox", "aria-label": "Variables", hidden: true });
    this.box = h("textarea", {
      className: "cp-box",
      rows: 1,
      dir: "auto",
      placeholder: "Ask Claude about this notebook …",
      "aria-label": "Message to Claude",
      "aria-autocomplete": "list",
      "aria-controls": id,
      oninput: () => this._changed(),
      onkeydown: (event) => this._key(event),
      onblur: () => setTimeout(() => document.activeElement === this.box || this._close(), 150),
      onpaste: (event) => this._paste(event),
    });
    this.file = h("input", { type: "file", multiple: true, hidden: true, tabIndex: -1 });
    this.file.addEventListener("change", () => {
      this.attach([...this.file.files]);
      this.file.value = "";
    });
    this.editing = h("div", { className: "cp-editing", hidden: true },
      h("span", {}), iconButton("close", "Leave the question as it is", () => this._leave()));
    this.chips = h("ul", { className: "cp-chips", "aria-label": "Attachments", hidden: true });
    this.strip = h("div", { className: "cp-strip", role: "group", "aria-label": "Pictures of the notebook", hidden: true });
    this.sendButton = iconButton("send", "Send (Enter)", () => this.send(), { className: "cp-send" });
    this.stopButton = iconButton("stop", "Stop the answer", () => this.view.stop(), { className: "cp-stop" });
    this.pictures = iconButton("picture", "Pictures the notebook displayed", () => this._toggleStrip(), { "aria-expanded": "false" });
    this.modelButton = h("button", { type: "button", className: "cp-model", title: "Settings" });
    const tools = h("div", { className: "cp-tools" },
      iconButton("attach", "Attach files", () => this.file.click()),
      this.pictures,
      iconButton("more", "A variable of the notebook (@)", () => this._offerNames(), { className: "cp-at" }),
      h("span", { className: "cp-space" }), this.modelButton, this.stopButton, this.sendButton);
    tools.querySelector(".cp-at").replaceChildren("@");
    this.element = h("div", { className: "cp-composer" }, this.editing, this.strip, this.chips, this.list, this.box, tools, this.file);
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
    const coming = this.attachments.some((one) => one.progress !== undefined);
    return Boolean(this.box.value.trim()) && !coming;
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
    const attachments = this.attachments.filter((one) => !one.error);
    const turn = this.store.ask(text, attachments, this.edited?.id);
    if (!turn) return;
    this.recalled = -1;
    this._toggleStrip(false);
    this._put(this.aside ?? { text: "", attachments: [] });
    this.box.focus();
    this.view.sent(turn);
  }

  /** Take a question into the box; what was being typed comes back afterwards. */
  async edit(turn) {
    const { text, all } = await this._reused(turn);
    const aside = this.aside ?? { text: this.box.value, attachments: this.attachments };
    this._put({ text, attachments: all, edited: { id: turn.id, cell: turn.cell }, aside });
    this._focus();
  }

  async _reused(turn) {
    const typed = { text: wordsAgain(turn), all: turn.attachments ?? [] };
    if (turn.refused) return typed;
    return (await this.store.link.request({ kind: "reuse", turn: turn.id }, 10_000)) ?? typed;
  }

  _leave() {
    for (const one of this.attachments) this.store.link.send({ kind: "detach", ref: one.ref });
    this._put(this.aside ?? { text: "", attachments: [] });
    this._focus();
  }

  _put({ text, attachments, edited = null, aside = null }) {
    Object.assign(this, { attachments, edited, aside });
    this.editing.hidden = !edited;
    this.editing.firstChild.textContent = edited?.cell
      ? "A question like this cell’s; the cell stays as it is"
      : "An earlier question, asked again in its place";
    this.box.value = text;
    this._chips();
    this._changed();
  }

  _changed() {
    this._fit();
    this.buttons();
    this.view.drafted();
    this._names();
  }

  /** As tall as the words, up to a limit. */
  _fit() {
    this.box.style.height = "auto";
    this.box.style.height = `${Math.min(TALLEST, this.box.scrollHeight)}px`;
  }

  _key(event) {
    if (event.isComposing) return;
    if (!this.list.hidden && this._keyInList(event)) return;
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
    this._close();
  }

  // Variables

  async _names() {
    const at = asked(this.box.value, this.box.selectionStart);
    if (!at) return this._close();
    this.names.at = at;
    const found = await this.store.link.request({ kind: "names", prefix: at.prefix }, 30_000);
    if (this.names.at !== at) return;
    this.names.found = found ?? [];
    this.names.chosen = 0;
    this._list();
  }

  _offerNames() {
    this.box.focus();
    const { selectionStart: at, value } = this.box;
    const gap = at > 0 && !/\s/.test(value[at - 1]) ? " @" : "@";
    this.box.setRangeText(gap, at, this.box.selectionEnd, "end");
    this._changed();
  }

  _list() {
    const { found, chosen } = this.names;
    this.list.hidden = found.length === 0;
    const rows = found.map((one, index) => h("div", {
      className: "cp-name", id: `${this.list.id}-${index}`, role: "option", "aria-selected": String(index === chosen),
      onpointerdown: (event) => { event.preventDefault(); this._take(index); },
    }, h("code", {}, one.name), h("span", {}, one.kind)));
    this.list.replaceChildren(...rows);
    rows[chosen]?.scrollIntoView({ block: "nearest" });
    if (rows.length) this.box.setAttribute("aria-activedescendant", rows[chosen].id);
    else this.box.removeAttribute("aria-activedescendant");
  }

  _close() {
    this.names.at = null;
    this.list.hidden = true;
    this.box.removeAttribute("aria-activedescendant");
  }

  _keyInList(event) {
    const { found } = this.names;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      this.names.chosen = (this.names.chosen + step + found.length) % found.length;
      this._list();
    } else if (event.key === "Enter" || event.key === "Tab") this._take(this.names.chosen);
    else if (event.key === "Escape") this._close();
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  _take(index) {
    const { found, at } = this.names;
    const words = at.form(found[index].name);
    this.box.setRangeText(words, at.start, this.box.selectionStart, "end");
    this._changed();
    this._close();
  }

  // Attachments

  _paste(event) {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length) return;
    event.preventDefault();
    this.attach(files);
  }

  async attach(files) {
    for (const file of files) await this._attachOne(file);
  }

  async _attachOne(file) {
    const one = { ref: this.store.link.newRef(), name: file.name || "picture", size: file.size, progress: 0 };
    this.attachments.push(one);
    this._chips();
    const problem = await upload(this.store.link, one.ref, file, (share) => {
      if (one.progress !== undefined) one.progress = share;
      this._progress(one);
    });
    if (problem) this.refused(one.ref, problem);
  }

  /** The kernel has it: what it is, and what it costs. */
  attached(message) {
    const one = this.attachments.find((other) => other.ref === message.ref);
    if (!one) return;
    const { name, size, tokens, small } = message;
    Object.assign(one, { name, size, tokens, small, progress: undefined });
    this._chips();
    this.view.drafted();
    this.view.say(`${name} is attached: about ${count(tokens)} tokens.`);
  }

  refused(ref, words) {
    const one = this.attachments.find((other) => other.ref === ref);
    if (!one) return false;
    Object.assign(one, { error: words, progress: undefined });
    this._chips();
    this.view.say(words);
    return true;
  }

  _drop(one) {
    this.attachments = this.attachments.filter((other) => other !== one);
    this.store.link.send({ kind: "detach", ref: one.ref });
    this._chips();
    this.view.drafted();
    this.box.focus();
  }

  _chips() {
    this.chips.hidden = this.attachments.length === 0;
    this.chips.replaceChildren(...this.attachments.map((one) => this._chip(one)));
    this.buttons();
  }

  _chip(one) {
    const image = one.small ? h("img", { src: one.small, alt: "" }) : icon("attach");
    const told = h("small", { className: "cp-chip-told" }, chipWords(one));
    const words = h("span", { className: "cp-chip-words" }, h("span", {}, one.name), told);
    const off = iconButton("close", `Take off ${one.name}`, () => this._drop(one));
    one.told = told;
    return h("li", { className: one.error ? "cp-chip cp-chip-error" : "cp-chip" }, image, words, off);
  }

  _progress(one) {
    if (one.told) one.told.textContent = chipWords(one);
  }

  // Pictures of the notebook

  async _toggleStrip(open = this.strip.hidden) {
    this.strip.hidden = !open;
    this.pictures.setAttribute("aria-expanded", String(open));
    if (!open) return;
    this.strip.replaceChildren(h("p", { className: "cp-hint" }, "Looking …"));
    const all = (await this.store.link.request({ kind: "pictures" }, 10_000)) ?? [];
    const none = "The notebook has displayed no picture yet.";
    this.strip.replaceChildren(...(all.length ? all.map((one) => this._picture(one)) : [h("p", { className: "cp-hint" }, none)]));
  }

  _picture(one) {
    const shown = one.small ? h("img", { src: one.small, alt: "" }) : icon("picture");
    const label = `Attach ${one.name}`;
    return h("button", { type: "button", className: "cp-recent", title: label, "aria-label": label, onclick: () => this._attachPicture(one) },
      shown, h("small", {}, one.name));
  }

  _attachPicture(picture) {
    const ref = this.store.link.newRef();
    this.attachments.push({ ref, name: picture.name, size: 0, progress: 1, small: picture.small });
    this._chips();
    this.store.link.send({ kind: "attach_picture", ref, picture: picture.id });
    this.box.focus();
  }

  // The draft

  draft() {
    const attachments = this.attachments.filter((one) => one.progress === undefined && !one.error);
    return { text: this.box.value, refs: attachments.map((one) => one.ref), edited: this.edited };
  }

  async restore({ text, refs, edited }) {
    if (text && !this.box.value) this._put({ text, attachments: this.attachments, edited });
    this._fit();
    this.buttons();
    if (!refs?.length || this.attachments.length) return;
    const known = await this.store.link.request({ kind: "attached", refs });
    this.attachments.push(...(known ?? []));
    this._chips();
  }
}

function chipWords(one) {
  if (one.error) return one.error;
  if (one.progress >= 1) return "waiting for the kernel …";
  if (one.progress !== undefined) return `uploading … ${Math.round(100 * one.progress)} %`;
  const size = one.size ? `${bytes(one.size)} · ` : "";
  return `${size}about ${count(one.tokens ?? 0)} tokens`;
}
