// Claims about files on their way to the kernel.

import assert from "node:assert/strict";
import test from "node:test";
import { upload } from "../../claude_magic/panel/uploads.js";

const file = (size, name = "big.csv") => Object.assign(new Blob([new Uint8Array(size)]), { name });

function kernel() {
  const got = [];
  return { got, send: (message, buffers) => got.push([message, buffers?.[0].byteLength]) };
}

test("a file travels in pieces that add up, and tells how far it is", async () => {
  const link = kernel();
  const shares = [];
  const problem = await upload(link, "a1", file(1_300_000), (share) => shares.push(share));

  assert.equal(problem, "");
  assert.deepEqual(link.got[0][0], { kind: "attach", ref: "a1", name: "big.csv", size: 1_300_000 });
  assert.equal(link.got.slice(1).reduce((sum, [, size]) => sum + size, 0), 1_300_000);
  assert.equal(shares.length, 3);
  assert.equal(shares.at(-1), 1);
});

test("what cannot go is refused before anything is sent", async () => {
  const link = kernel();

  assert.match(await upload(link, "a1", file(0), () => {}), /empty/);
  assert.match(await upload(link, "a1", { name: "huge", size: 40_000_000 }, () => {}), /too large/);
  assert.equal(link.got.length, 0);
});

test("a file that vanishes meanwhile is told", async () => {
  const gone = { name: "gone.csv", size: 10, slice: () => ({ arrayBuffer: () => Promise.reject(new Error()) }) };

  assert.match(await upload(kernel(), "a1", gone, () => {}), /cannot be read/);
});
