import "/static/talk.js";

// Originals are made sure of while the page is open: lines that were not settled are read again until they are.
const PAUSE_MS = 1000;
const unsettled = () => document.querySelectorAll("tr[data-open]");

async function renew() {
  const answer = await fetch("/");
  if (!answer.ok) return;
  const now = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const before of unsettled()) {
    const after = now.getElementById(before.id);
    if (!after || after.outerHTML === before.outerHTML) continue;
    const focused = before.contains(document.activeElement);
    before.replaceWith(after);
    if (focused) after.querySelector("a")?.focus();
  }
}

while (unsettled().length) {
  await new Promise((done) => setTimeout(done, PAUSE_MS));
  await renew().catch(() => {}); // the server has gone; whatever is clicked says so
}
