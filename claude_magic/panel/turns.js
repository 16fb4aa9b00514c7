// A turn -> its part of the page: the question, the growing answer, and what can be done with them.

import { h, icon, iconButton, textButton } from "./elements.js";
import { typeset } from "./notebook.js";
import { phaseWords, when } from "./words.js";
import { wordsOf } from "./store.js";

/** One turn in one view. `view` gives: store, cells, manager, say(words), edit(text), now(). */
export class TurnView {
  constructor(view, turn) {
    this.view = view;
    this.element = h("article", { className: "cp-turn" });
    this.show(turn);
  }

  /** Draw all of it. */
  show(turn) {
    this.turn = turn;
    this.body = h("div", { className: "cp-body mathjax_ignore tex2jax_ignore" });
    this.open = h("div", { className: "cp-open" });
    this.status = h("div", { className: "cp-phase" });
    this.end = h("div", { className: "cp-end" });
    const asked = turn.question ? [this._question(turn)] : [];
    const answered = turn.live || turn.answer ? [this._answer()] : [];
    this.element.classList.toggle("cp-left-out", Boolean(turn.left_out));
    this.element.replaceChildren(...asked, ...answered);
    if (turn.live) this._resume(turn);
    else if (turn.answer) this.finish();
  }

  _resume(turn) {
    for (const part of turn.parts) this._add(part);
    this._draw();
    this.tick();
  }

  _question(turn) {
    const { text, pictures, documents } = turn.question;
    const tags = tagsOf(turn).map((words) => h("span", { className: "cp-tag" }, words));
    const at = turn.asked ? h("time", { className: "cp-time" }, when(turn.asked)) : null;
    const words = h("div", { className: "cp-words", dir: "auto" }, turn.question.typed ?? text);
    const bubble = h("div", { className: "cp-bubble" }, this._attached(pictures, documents), words);
    const actions = h("div", { className: "cp-actions" }, ...tags, at);
    actions.append(
      iconButton("edit", "Edit and send again", () => this.view.edit(this.turn)),
      iconButton("copy", "Copy the question", (event) => this._copied(event, wordsOf(this.turn))),
    );
    requestAnimationFrame(() => foldIfLong(words));
    const name = h("h3", { className: "cp-hidden" }, "You");
    return h("div", { className: "cp-question" }, name, bubble, actions);
  }

  _attached(pictures, documents) {
    if (!pictures.length && !documents.length) return null;
    const shown = pictures.map((one) =>
      one.small
        ? h("img", { className: "cp-thumb", src: one.small, alt: one.name || "a picture" })
        : h("span", { className: "cp-file" }, icon("picture"), "picture"),
    );
    const named = documents.map((name) => h("span", { className: "cp-file" }, icon("attach"), name));
    return h("div", { className: "cp-attached" }, ...shown, ...named);
  }

  _answer() {
    const name = h("h3", { className: "cp-hidden" }, "Claude");
    const said = h("div", { className: "cp-said", dir: "auto" }, this.body, this.open); // one direction for all of it
    return h("div", { className: "cp-answer" }, name, said, this.status, this.end);
  }

  /** A final part; its code gets buttons and its formulas are set. */
  _add(html) {
    const part = h("div", { className: "cp-part" });
    part.innerHTML = html; // safe: made by render/ in the kernel, which lets no markup through
    for (const code of part.querySelectorAll("div.highlight")) this._equip(code);
    for (const wide of part.querySelectorAll("div:has(> table)")) wide.tabIndex = 0;
    this.body.append(part);
    for (const block of part.children) this._typeset(block);
  }

  _typeset(block) {
    if (block.querySelector(".mathjax_process")) this.view.later(() => typeset(this.view.manager, block));
  }

  _draw() {
    this.open.innerHTML = this.turn.open; // safe: as above
  }

  grow(part) {
    if (part) this._add(part);
    this._draw();
  }

  /** Words that count seconds. */
  tick() {
    const { live, phase } = this.turn;
    const words = live ? phaseWords(phase, this.view.store.clock()) : "";
    if (this.status.textContent !== words) this.status.textContent = words;
    this.status.classList.toggle("cp-busy", Boolean(words));
    this.element.classList.toggle("cp-writing", live && phase.name === "writing");
  }

  /** The answer has come to its end, or was there before. */
  finish() {
    const { answer, error, kept } = this.turn;
    if (!this.body.childElementCount || answer.whole) this._whole(answer.html);
    this.open.replaceChildren();
    this.tick();
    const notes = (answer.notes ?? []).map((note) => h("p", { className: "cp-note" }, note));
    const failed = error ? [this._error(error)] : [];
    this.end.replaceChildren(...notes, ...failed, this._footer(answer, kept !== false));
  }

  /** The answer as it is read aloud: without the names of buttons. */
  words() {
    const copy = this.body.cloneNode(true);
    for (const bar of copy.querySelectorAll(".cp-code-bar, mjx-assistive-mml")) bar.remove();
    return copy.textContent.replace(/\s+/g, " ").trim();
  }

  _whole(html) {
    this.body.replaceChildren();
    if (html) this._add(html);
  }

  _error({ message, hint }) {
    const lines = [h("strong", {}, message), ...(hint ? [h("span", {}, hint)] : [])];
    return h("div", { className: "cp-error", role: "group", "aria-label": "Error" }, ...lines);
  }

  _footer(answer, kept) {
    const meta = h("span", { className: "cp-meta" }, answer.meta ?? "");
    const actions = h("div", { className: "cp-actions" });
    if (answer.html) {
      actions.append(
        iconButton("copy", "Copy the answer", (event) => this._copyAnswer(event)),
        iconButton("insert", this.view.insertLabel("the answer", "Markdown cell"), () => this._insertAnswer()),
      );
    }
    actions.append(iconButton("retry", "Ask again", () => this.view.again(this.turn)));
    return h("div", { className: "cp-under" }, actions, meta);
  }

  _equip(code) {
    const source = () => code.querySelector("pre").textContent.replace(/\n$/, "");
    code.querySelector("pre").tabIndex = 0;
    const bar = h("div", { className: "cp-code-bar" });
    bar.append(
      textButton("Copy", (event) => this._copied(event, source())),
      textButton(this.view.cells ? "Insert" : "Next cell", () => this.view.insert("code", source()), {
        title: this.view.insertLabel("the code", "cell"),
        "aria-label": this.view.insertLabel("the code", "cell"),
      }),
    );
    if (this.view.cells) {
      const label = "Run the code in a new cell below";
      const run = () => this.view.insert("code", source(), true);
      bar.append(textButton("Run", run, { title: label, "aria-label": label }));
    }
    code.classList.add("cp-code");
    code.prepend(bar);
  }

  async _copied(event, text) {
    const button = event.currentTarget;
    const done = await copy(text);
    button.classList.add(done ? "cp-done" : "cp-failed");
    setTimeout(() => button.classList.remove("cp-done", "cp-failed"), 1200);
    this.view.say(done ? "Copied." : "The browser did not allow copying.");
  }

  /** As Markdown from the kernel; while it is busy, as the words that are shown. */
  async _copyAnswer(event) {
    const held = { currentTarget: event.currentTarget };
    const request = { kind: "source", turn: this.turn.id };
    const text = await this.view.store.link.request(request, 1500);
    await this._copied(held, text || this.body.innerText);
  }

  async _insertAnswer() {
    const text = await this.view.store.link.request({ kind: "source", turn: this.turn.id });
    if (text) this.view.insert("markdown", text);
  }
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copiedByHand(text); // no permission, or no secure page
  }
}

function copiedByHand(text) {
  const before = document.activeElement;
  const area = h("textarea", { value: text, className: "cp-hidden", readOnly: true });
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  before?.focus?.();
  return done;
}

/** What is to be known of a question beside its words. */
function tagsOf(turn) {
  return [
    ...(turn.cell ? ["asked in a cell"] : []),
    ...(turn.stale ? ["before an earlier question was changed"] : []),
    ...(turn.left_out ? ["not sent along any more"] : []),
  ];
}

/** A long question takes a few lines until it is opened. */
function foldIfLong(words) {
  if (words.scrollHeight <= 220) return;
  words.classList.add("cp-folded");
  const more = textButton("Show all", () => {
    const folded = words.classList.toggle("cp-folded");
    more.textContent = folded ? "Show all" : "Show less";
    more.setAttribute("aria-expanded", String(!folded));
  });
  more.setAttribute("aria-expanded", "false");
  words.after(more);
}
