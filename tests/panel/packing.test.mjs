// Claims about messages that come packed.

import assert from "node:assert/strict";
import test from "node:test";
import { deflateSync } from "node:zlib";
import { Line } from "../../claude_magic/panel/packing.js";

const packed = (message) => [{ kind: "packed" }, [new DataView(new Uint8Array(deflateSync(JSON.stringify(message))).buffer)]];

test("a packed message is the message, and none overtakes another", async () => {
  const taken = [];
  const line = new Line((message) => taken.push(message.n));
  line.put({ kind: "foot", n: 1 });
  line.put(...packed({ kind: "grow", n: 2, add: "é😀".repeat(1000) }));
  line.put({ kind: "foot", n: 3 });
  await line.put(...packed({ kind: "grow", n: 4 }));
  line.put({ kind: "foot", n: 5 });
  await line.put({ kind: "foot", n: 6 });

  assert.deepEqual(taken, [1, 2, 3, 4, 5, 6]);
});
