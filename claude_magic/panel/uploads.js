// Files -> pieces that travel to the kernel, one after another, with their progress.

const PIECE = 512 * 1024; // bytes: far below what a server lets through in one message
const LARGEST = 32_000_000;

/** Send `file` as attachment `ref`; `onProgress(share)` from 0 to 1. Returns what went wrong, or "". */
export async function upload(link, ref, file, onProgress) {
  if (file.size === 0) return `${file.name} is empty.`;
  if (file.size > LARGEST) return `${file.name} is too large: at most 32 MB fit.`;
  const { name, size } = file;
  if (!link.send({ kind: "attach", ref, name, size })) return "The kernel is not there.";
  for (let at = 0; at < size; at += PIECE) {
    let piece;
    try {
      piece = await file.slice(at, at + PIECE).arrayBuffer();
    } catch {
      return `${name} cannot be read.`;
    }
    if (!link.send({ kind: "piece", ref }, [piece])) return "The kernel is not there.";
    onProgress(Math.min(1, (at + PIECE) / size));
    await new Promise((resolve) => setTimeout(resolve)); // typing goes on meanwhile
  }
  return "";
}
