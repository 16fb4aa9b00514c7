// The notebook's variables, offered while a word is typed behind `@` or within braces.

import { h } from "./elements.js";
import { asked } from "./words.js";

/** The list above `box`; `changed()` is called when a name was put into the box. */
export class Names {
  constructor(box, link, id, changed) {
    this.element = h("div", { className: "cp-names", id, role: "listbox", "aria-label": "Variables", hidden: true });
    this._box = box;
    this._link = link;
    this._changed = changed;
    this._found = [];
    this._chosen = 0;
    this._at = null; // the word that is typed
    box.setAttribute("aria-autocomplete", "list");
    box.setAttribute("aria-controls", id);
    box.addEventListener("blur", () => setTimeout(() => document.activeElement === box || this.close(), 150));
  }

  /** Offer what fits the word before the cursor, if it asks for a variable. */
  async look() {
    const at = asked(this._box.value, this._box.selectionStart);
    if (!at) return this.close();
    this._at = at;
    const found = await this._link.request({ kind: "names", prefix: at.prefix }, 30_000);
    if (this._at !== at) return;
    this._found = found ?? [];
    this._chosen = 0;
    this._list();
  }

  /** Put an `@` where the cursor is, which asks for all. */
  offer() {
    const box = this._box;
    box.focus();
    const { selectionStart: at, value } = box;
    const gap = at > 0 && !/\s/.test(value[at - 1]) ? " @" : "@";
    box.setRangeText(gap, at, box.selectionEnd, "end");
    this._changed();
  }

  close() {
    this._at = null;
    this.element.hidden = true;
    this._box.removeAttribute("aria-activedescendant");
  }

  /** Whether the list is open and the key was for it. */
  takesKey(event) {
    if (this.element.hidden) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      this._chosen = (this._chosen + step + this._found.length) % this._found.length;
      this._list();
    } else if (event.key === "Enter" || event.key === "Tab") this._take(this._chosen);
    else if (event.key === "Escape") this.close();
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  _list() {
    this.element.hidden = this._found.length === 0;
    const rows = this._found.map((one, index) => this._row(one, index));
    this.element.replaceChildren(...rows);
    const chosen = rows[this._chosen];
    chosen?.scrollIntoView({ block: "nearest" });
    if (chosen) this._box.setAttribute("aria-activedescendant", chosen.id);
    else this._box.removeAttribute("aria-activedescendant");
  }

  _row(one, index) {
    return h("div", {
      className: "cp-name", id: `${this.element.id}-${index}`, role: "option", "aria-selected": String(index === this._chosen),
      onpointerdown: (event) => { event.preventDefault(); this._take(index); },
    }, h("code", {}, one.name), h("span", {}, one.kind));
  }

  _take(index) {
    const words = this._at.form(this._found[index].name);
    this._box.setRangeText(words, this._at.start, this._box.selectionStart, "end");
    this._changed();
    this.close();
  }
}
