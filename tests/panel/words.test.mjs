// Claims about the panel's words.

import assert from "node:assert/strict";
import test from "node:test";
import { asked, bytes, count, footWords, phaseWords, when } from "../../claude_magic/panel/words.js";

test("numbers and sizes are short", () => {
  assert.deepEqual([7, 999, 4321, 45_600, 1_234_567].map(count), ["7", "999", "4.3 k", "46 k", "1.2 M"]);
  assert.deepEqual([12, 3400, 1_500_000].map(bytes), ["12 B", "3 kB", "1.5 MB"]);
});

test("waiting and thinking count seconds, retrying counts down", () => {
  assert.equal(phaseWords({ name: "thinking", since: 100 }, 112.4), "Thinking … 12 s");
  assert.equal(phaseWords({ name: "waiting", since: 100 }, 100.2), "Waiting for the answer …");
  assert.equal(phaseWords({ name: "retrying", why: "overloaded (529)", until: 103 }, 100.5), "overloaded (529); asking again in 3 s");
  assert.equal(phaseWords({ name: "doing", why: "Running f", since: 100 }, 103), "Running f … 3 s");
  assert.equal(phaseWords({ name: "writing", since: 100 }, 130), "");
});

test("a kernel that does not answer is told to be busy", () => {
  assert.equal(phaseWords({ name: "sending", since: 100 }, 100.5), "Sending …");
  assert.match(phaseWords({ name: "sending", since: 100 }, 103), /busy with a cell/);
});

test("the foot tells the share of the context", () => {
  const foot = { input: 1200, output: 300, cost: "$0.01", used: 250, context: 1000 };
  assert.deepEqual(footWords(foot), { tokens: "1.2 k in · 300 out", cost: "$0.01", share: 25, full: "25 % of the context" });
});

test("@ and open braces ask for a variable, addresses do not", () => {
  const at = (text) => asked(text, text.length);
  assert.equal(at("look at @d").prefix, "d");
  assert.equal(at("look at @d").form("df"), "{{ df }}");
  assert.equal(at("{{ d").prefix, "d");
  assert.equal(at("me@example"), null);
  assert.equal(at("plain words"), null);
});

test("the date is told with what it needs", () => {
  const now = new Date(2026, 4, 3, 12, 0);
  const words = (...date) => when(new Date(...date) / 1000, now);

  assert.ok(!/2026|May/.test(words(2026, 4, 3, 9, 5)));
  assert.ok(/May/.test(words(2026, 4, 1, 9, 5)) && !/2026/.test(words(2026, 4, 1, 9, 5)));
  assert.match(words(2025, 4, 1, 9, 5), /2025/);
});
