// What goes along with the next question: files, pasted pictures, pictures of the notebook.

import { h, icon, iconButton } from "./elements.js";
import { upload } from "./uploads.js";
import { bytes, count } from "./words.js";

/** `changed()` is called when there are others, or one is ready; `say(words)` reads aloud. */
export class Attached {
  constructor(link, changed, say) {
    this.all = [];
    this._known = new Map(); // by their names also those that are laid aside while a question is edited
    this.element = h("ul", { className: "cp-chips", "aria-label": "Attachments", hidden: true });
    this._link = link;
    this._changed = changed;
    this._say = say;
  }

  /** Whether one is still on its way. */
  get areComing() {
    return this.all.some((one) => one.progress !== undefined);
  }

  /** Those that can be sent. */
  get ready() {
    return this.all.filter((one) => one.progress === undefined && !one.error);
  }

  put(all) {
    this.all = all;
    for (const one of all) this._known.set(one.ref, one);
    this._draw();
  }

  /** Let the kernel forget all, which are not sent after all. */
  forget() {
    for (const one of this.all) this._detach(one);
  }

  async attach(files) {
    for (const file of files) await this._attach(file);
  }

  async _attach(file) {
    const one = { ref: this._link.newRef(), name: file.name || "picture", size: file.size, progress: 0 };
    this.put([...this.all, one]);
    const problem = await upload(this._link, one.ref, file, (share) => {
      if (one.progress !== undefined) one.progress = share;
      if (one.told) one.told.textContent = chipWords(one);
    });
    if (problem) this.refused(one.ref, problem);
  }

  attachPicture(picture) {
    const ref = this._link.newRef();
    this.put([...this.all, { ref, name: picture.name, size: 0, progress: 1, small: picture.small }]);
    this._link.send({ kind: "attach_picture", ref, picture: picture.id });
  }

  /** The kernel has it: what it is, and what it costs. */
  came(message) {
    const one = this._known.get(message.ref);
    if (!one) return;
    const { name, size, tokens, small } = message;
    Object.assign(one, { name, size, tokens, small, progress: undefined });
    this._draw();
    this._say(`${name} is attached: about ${count(tokens)} tokens.`);
  }

  /** It cannot go along; false: it is none of these. */
  refused(ref, words) {
    const one = this._known.get(ref);
    if (!one) return false;
    Object.assign(one, { error: words, progress: undefined });
    this._draw();
    this._say(words);
    return true;
  }

  _detach(one) {
    this._known.delete(one.ref);
    this._link.send({ kind: "detach", ref: one.ref });
  }

  _drop(one) {
    this._detach(one);
    this.put(this.all.filter((other) => other !== one));
  }

  _draw() {
    this.element.hidden = this.all.length === 0;
    this.element.replaceChildren(...this.all.map((one) => this._chip(one)));
    this._changed();
  }

  _chip(one) {
    const image = one.small ? h("img", { src: one.small, alt: "" }) : icon("attach");
    one.told = h("small", { className: "cp-chip-told" }, chipWords(one));
    const words = h("span", { className: "cp-chip-words" }, h("span", {}, one.name), one.told);
    const off = iconButton("close", `Take off ${one.name}`, () => this._drop(one));
    return h("li", { className: one.error ? "cp-chip cp-chip-error" : "cp-chip" }, image, words, off);
  }
}

/** The strip of what the notebook displayed lately; `chosen(picture)` is called with one of them. */
export class Strip {
  constructor(link, chosen) {
    this.element = h("div", { className: "cp-strip", role: "group", "aria-label": "Pictures of the notebook", hidden: true });
    this.button = iconButton("picture", "Pictures the notebook displayed", () => this.toggle(), { "aria-expanded": "false" });
    this._link = link;
    this._chosen = chosen;
  }

  async toggle(open = this.element.hidden) {
    this.element.hidden = !open;
    this.button.setAttribute("aria-expanded", String(open));
    if (!open) return;
    this.element.replaceChildren(h("p", { className: "cp-hint" }, "Looking …"));
    const all = (await this._link.request({ kind: "pictures" }, 10_000)) ?? [];
    const none = h("p", { className: "cp-hint" }, "The notebook has displayed no picture yet.");
    this.element.replaceChildren(...(all.length ? all.map((one) => this._picture(one)) : [none]));
  }

  _picture(one) {
    const shown = one.small ? h("img", { src: one.small, alt: "" }) : icon("picture");
    const label = `Attach ${one.name}`;
    return h("button", { type: "button", className: "cp-recent", title: label, "aria-label": label, onclick: () => this._chosen(one) },
      shown, h("small", {}, one.name));
  }
}

function chipWords(one) {
  if (one.error) return one.error;
  if (one.progress >= 1) return "waiting for the kernel …";
  if (one.progress !== undefined) return `uploading … ${Math.round(100 * one.progress)} %`;
  const size = one.size ? `${bytes(one.size)} · ` : "";
  return `${size}about ${count(one.tokens ?? 0)} tokens`;
}
