// Talking to the server and to the person: every request here, every message in one of two live regions.

const said = document.getElementById("said");
const wrong = document.getElementById("wrong");

const STAYS_MS = 8000;
let fading;

// Said once aloud; on the screen it stays for a while and then makes room for what lies under it.
export function say(text) {
  clearTimeout(fading);
  said.textContent = text;
  wrong.textContent = "";
  fading = setTimeout(() => { said.textContent = ""; }, STAYS_MS);
}

export function warn(text) {
  wrong.textContent = text;
}

export async function ask(path, body) {
  const options = body === undefined
    ? {}
    : { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  let answer;
  try {
    answer = await fetch(path, options);
  } catch {
    throw new Error("The review does not answer any more. Start `scanner review` again; stored edits are kept.");
  }
  const text = await answer.text();
  if (!answer.ok) {
    let told = text;
    try {
      told = JSON.parse(text).error;
    } catch {
      // plain text then
    }
    throw new Error(told);
  }
  return JSON.parse(text);
}

// Runs what a button does; what goes wrong is told and nothing else happens.
export function guarded(action) {
  return async (...given) => {
    try {
      await action(...given);
    } catch (error) {
      warn(error.message);
    }
  };
}

document.getElementById("close").addEventListener("click", guarded(async () => {
  await ask("/close", {});
  document.body.textContent = "The review is closed. This window can be closed as well.";
}));
