// What stands around the turns: the head with its sheets, what is told, the foot.

import { Sheet, conversationList, settingsFields } from "./menus.js";
import { h, icon } from "./elements.js";

const PLACES = ".jp-MainAreaWidget, .lm-StackedPanel-child, .lm-DockPanel-widget";

/** The frame of one view, around its turns (`middle`) and its box. Files may be dropped anywhere in it. */
export class Frame {
  constructor(store, composer, middle) {
    this.composer = composer;
    this._name = h("span", { className: "cp-name-of" }, "Conversation");
    const conversations = h("button", { type: "button", className: "cp-title" }, this._name, icon("down"));
    this.root = h("section", { className: "claude-panel", "aria-label": "Chat with Claude" });
    this.root.setAttribute("data-lm-suppress-shortcuts", "true"); // keys here are the panel's own
    const sheets = [
      new Sheet(this.root, conversations, "Conversations", (close) => conversationList(store, close)),
      new Sheet(this.root, composer.modelButton, "Settings", (close) => settingsFields(store, close)),
    ];
    this._notice = h("div", { className: "cp-notice", role: "alert", hidden: true });
    this._waits = h("p", { className: "cp-waits", role: "status", hidden: true });
    this._foot = h("footer", { className: "cp-foot" });
    this._voice = h("div", { className: "cp-hidden", role: "status", "aria-live": "polite" });
    this.root.append(h("header", { className: "cp-head" }, conversations), middle, this._notice, this._waits, composer.element,
      this._foot, ...sheets.map((sheet) => sheet.element), this._voice);
    this.root.addEventListener("dragover", (event) => this._drag(event, true));
    this.root.addEventListener("dragleave", (event) => this._drag(event, false));
    this.root.addEventListener("drop", (event) => this._drop(event));
  }

  /** Beside the notebook the panel is as high as its place. */
  fill() {
    const place = this.root.closest(".jp-Notebook") ? null : this.root.closest(PLACES);
    if (!place) return;
    this.root.classList.add("cp-docked");
    const fit = () => {
      const above = this.root.getBoundingClientRect().top - place.getBoundingClientRect().top;
      this.root.style.height = `${Math.max(200, place.clientHeight - Math.max(0, above) - 6)}px`;
    };
    this._place = new ResizeObserver(fit);
    this._place.observe(place);
    fit();
  }

  end() {
    this._place?.disconnect();
  }

  name(words) {
    this._name.textContent = words || "Conversation";
  }

  /** Tell those who listen instead of looking. */
  say(words) {
    this._voice.textContent = "";
    this._voice.textContent = words;
  }

  notify(words) {
    this._notice.textContent = words;
    this._notice.hidden = false;
  }

  waiting(waits) {
    if (this._waits.hidden !== waits) return;
    this._waits.hidden = !waits;
    this._waits.textContent = waits ? "Waiting for the kernel: it is busy with a cell …" : "";
  }

  choices(choices, defaults) {
    const model = choices.model || defaults.model || "";
    const parts = [model.replace(/^claude-/, ""), defaults.practice ? "practice" : ""].filter(Boolean);
    this.composer.modelButton.replaceChildren(h("span", {}, parts.join(" · ")), icon("settings"));
    this.composer.modelButton.setAttribute("aria-label", `Settings, model ${model}`);
  }

  /** What the conversation came to, and how full the model's context is. */
  sum({ tokens, cost, share, full }) {
    const bar = h("span", { className: "cp-bar", "aria-hidden": "true" }, h("i", {}));
    bar.firstElementChild.style.width = `${share}%`;
    this._foot.replaceChildren(h("span", {}, tokens), ...(cost ? [h("span", {}, cost)] : []), h("span", { className: "cp-space" }), bar, h("span", {}, full));
  }

  _drag(event, over) {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    event.stopPropagation();
    this.root.classList.toggle("cp-drop", over);
  }

  _drop(event) {
    const files = [...(event.dataTransfer?.files ?? [])];
    this.root.classList.remove("cp-drop");
    if (!files.length) return;
    event.preventDefault();
    event.stopPropagation();
    this.composer.attached.attach(files);
  }
}

/** What is said where nothing was asked yet. */
export function welcome() {
  return [
    h("p", { className: "cp-hello" }, "Ask about this notebook."),
    h("p", {}, "This is the conversation of its %%claude cells: what is asked there appears here, and what is asked here is known there."),
    h("ul", {}, h("li", {}, h("kbd", {}, "@"), " hands over a variable"), h("li", {}, "paste or drop a picture, a PDF, a text"), h("li", {}, h("kbd", {}, "Enter"), " sends, ", h("kbd", {}, "Shift Enter"), " breaks the line, ", h("kbd", {}, "↑"), " recalls")),
  ];
}
