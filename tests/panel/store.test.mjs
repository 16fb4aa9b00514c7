// Claims about what the page knows of the conversation.

import assert from "node:assert/strict";
import test from "node:test";
import { Store } from "../../claude_magic/panel/store.js";

const FOOT = { turns: 0, input: 0, output: 0, cost: "", used: 0, context: 1000 };

function shown(id, more = {}) {
  return { id, question: { text: id, pictures: [], documents: [] }, answer: { html: `<p>${id}</p>` }, ...more };
}

function opened(turns = [], { more = 0, live = [], failed = [] } = {}) {
  const sent = [];
  const told = [];
  const store = new Store((message) => sent.push(message), "page", () => 100);
  store.listen((event, detail) => told.push([event, detail]));
  const state = { kind: "state", to: "page", turns, more, live, failed, foot: FOOT, choices: {}, defaults: { models: [] }, name: "" };
  store.receive(state);
  return { store, sent, told, state };
}

function growing(id, more = {}) {
  return { id, question: { text: id, pictures: [], documents: [] }, html: "", open: "", phase: { name: "waiting", for: 0 }, ...more };
}

test("a question shows at once and takes the kernel's name when it is asked", () => {
  const { store, sent } = opened();
  store.ask("Why?", []);
  const { ref } = sent.at(-1);
  assert.equal(store.turns[0].phase.name, "sending");

  store.receive({ kind: "asked", ref, turn: growing("t1") });

  assert.deepEqual(store.turns.map((turn) => turn.id), ["t1"]);
  assert.equal(store.turns[0].phase.name, "waiting");
});

test("steps of an answer keep, add and finish, and give the whole", () => {
  const { store } = opened();
  store.receive({ kind: "asked", ref: "", turn: growing("t1") });
  store.receive({ kind: "grow", turn: "t1", keep: 0, add: "<p>One</p>", final: 0 });
  store.receive({ kind: "grow", turn: "t1", keep: 6, add: ".</p><p>Two</p>", final: 11 });
  const [turn] = store.turns;
  assert.deepEqual([turn.parts, turn.open], [["<p>One.</p>"], "<p>Two</p>"]);

  store.receive({ kind: "end", turn: "t1", kept: true, answer: { notes: [], meta: "" } });

  assert.equal(turn.answer.html, "<p>One.</p><p>Two</p>");
  assert.equal(turn.live, false);
});

test("what is meant for another page is left alone", () => {
  const { store, state } = opened([shown("a")]);
  store.receive({ ...state, to: "other", turns: [] });

  assert.equal(store.turns.length, 1);
});

test("a turn that stands before what is loaded is not shown out of place", () => {
  const { store } = opened([shown("c")], { more: 2 });
  store.receive({ kind: "put", after: "a", turn: shown("b") });
  store.receive({ kind: "put", after: "c", turn: shown("d") });

  assert.deepEqual(store.turns.map((turn) => turn.id), ["c", "d"]);
});

test("earlier turns come before the others, once", () => {
  const { store, sent } = opened([shown("c")], { more: 2 });
  store.earlier();
  store.earlier();
  assert.equal(sent.filter((message) => message.kind === "earlier").length, 1);

  store.receive({ kind: "earlier", to: "page", turns: [shown("b"), shown("c")], more: 1 });

  assert.deepEqual(store.turns.map((turn) => turn.id), ["b", "c"]);
  assert.equal(store.more, 1);
});

test("asked again, a turn keeps its place", () => {
  const { store, sent } = opened([shown("a"), shown("b")]);
  store.ask("Better?", [], "a");
  assert.equal(sent.at(-1).again, "a");
  assert.equal(store.turns[0].phase.name, "sending");

  store.receive({ kind: "asked", ref: sent.at(-1).ref, turn: growing("a2", { again: "a" }) });

  assert.deepEqual(store.turns.map((turn) => turn.id), ["a2", "b"]);
});

test("a cell's answer that comes again replaces the turn it answers", () => {
  const { store } = opened([shown("a"), shown("b")]);
  store.receive({ kind: "asked", ref: "", turn: growing("a2", { again: "a" }) });

  assert.deepEqual(store.turns.map((turn) => turn.id), ["a2", "b"]);
});

test("a refused question says why and stays to be edited", () => {
  const { store, sent } = opened();
  store.ask("{{ x }}", []);
  store.receive({ kind: "refused", to: "page", what: "ask", ref: sent.at(-1).ref, words: "no x", hint: "Run it." });

  assert.equal(store.turns[0].kept, false);
  assert.deepEqual(store.turns[0].error, { message: "no x", hint: "Run it." });
});

test("a change that is refused leaves the old question where it was", () => {
  const { store, sent } = opened([shown("a"), shown("b")]);
  store.ask("{{ x }}", [], "a");
  store.receive({ kind: "refused", to: "page", what: "ask", ref: sent.at(-1).ref, words: "no x", hint: "" });
  const failed = store.turns.at(-1);
  assert.deepEqual(store.turns.map((turn) => turn.id), ["a", "b", failed.id]);

  store.askAgain(failed);

  assert.deepEqual([sent.at(-1).text, sent.at(-1).again], ["{{ x }}", "a"]);
  assert.deepEqual(store.turns.slice(1).map((turn) => turn.id), ["b"]);
});

test("asked once more, a question is sent by its turn's name, and stands where it stood", () => {
  const { store, sent } = opened([shown("a"), shown("b", { cell: true })]);
  store.askAgain(store.turns[0]);
  store.askAgain(store.turns[1]);

  assert.deepEqual(sent.map(({ kind, turn }) => [kind, turn]), [["again", "a"], ["again", "b"]]);
  assert.deepEqual(store.turns.map((turn) => turn.live), [true, false, true]);
});

test("questions that failed are there again for a page that opens later", () => {
  const error = { message: "Overloaded.", hint: "Ask again." };
  const { store } = opened([shown("a")], { failed: [{ ...growing("f"), kept: false, error }] });

  assert.deepEqual(store.turns.map((turn) => turn.id), ["a", "f"]);
  assert.equal(store.turns[1].answer.html, "");
});

test("words that came with a value are not evaluated when they are asked again", () => {
  const { store } = opened([shown("{{ x }}"), shown("b", { question: { text: "4", typed: "{{ y }}" } })]);

  assert.deepEqual(store.asked, ["\\{{ x }}", "{{ y }}"]);
});

test("a kernel that is gone is told once, and nothing is lost", () => {
  const told = [];
  const store = new Store(() => { throw new Error("no comm"); }, "page");
  store.listen((event) => told.push(event));

  assert.equal(store.ask("Why?", []), null);
  assert.equal(store.ask("Why?", []), null);
  assert.match(store.lost, /%claude chat/);
  assert.deepEqual(told, ["lost"]);
});

test("a request waits for the reply of its name, and not for ever", async () => {
  const { store, sent } = opened();
  const asked = store.link.request({ kind: "names", prefix: "d" });
  store.receive({ kind: "names", to: "page", ref: sent.at(-1).ref, names: [{ name: "df" }] });
  assert.deepEqual(await asked, [{ name: "df" }]);

  assert.equal(await store.link.request({ kind: "names", prefix: "d" }, 5), undefined);
});

test("a page says hello until the kernel has told what there is, and takes that once", async () => {
  const sent = [];
  const store = new Store((message) => sent.push(message), "page");
  store.hello();
  while (sent.length < 3) await new Promise((resolve) => setTimeout(resolve, 10));
  const state = { kind: "state", to: "page", ref: sent[0].ref, turns: [shown("a")], more: 0, live: [], failed: [] };
  store.receive(state);
  store.receive({ ...state, turns: [] });

  assert.deepEqual(new Set(sent.map((message) => message.ref)).size, 1);
  assert.equal(store.turns.length, 1);
});

test("an answer that grows when the kernel goes is told to be cut off", () => {
  const { store } = opened([], { live: [growing("t1", { html: "<p>Half</p>" })] });
  store.lose();

  assert.equal(store.turns[0].answer.html, "<p>Half</p>");
  assert.match(store.turns[0].answer.notes[0], /kernel was restarted/);
});
