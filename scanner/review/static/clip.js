// The page of one clip: what the server says of it, what is in hand, and what the buttons and keys do.

import { boxAt, idsOf, stretchesOf } from "/static/boxes.js";
import { Player } from "/static/player.js";
import { Sound } from "/static/sound.js";
import { Stage } from "/static/stage.js";
import { ask, guarded, say } from "/static/talk.js";
import { Timeline } from "/static/timeline.js";

const at = (id) => document.getElementById(id);
const number = Number(at("clip").dataset.number);
const sound = new Sound(number, () => at("hear").checked && clip.sound, (time) => clip.log.some(
  (entry) => entry.treatment === "muted" && time >= entry.start_s && (entry.end_s === null || time <= entry.end_s),
));
const player = new Player(number, { original: at("original"), preview: at("preview") });
const stage = new Stage(at("overlay"));
const timeline = new Timeline(at("timeline"), at("lanes"));
let clip = null;
let chosen = null;
let editing = null; // the track whose box is in hand; null while a new one is drawn
let keyframes = []; // what following the box gave

// ---- what is shown

function take(state) {
  clip = state;
  if (!idsOf(clip.tracks).includes(chosen)) chosen = null;
  stage.fit(clip.width, clip.height);
  player.load(clip.times, `${clip.revision}/${clip.undone}`);
  at("position").max = clip.times.length - 1;
  at("state").textContent = clip.state;
  at("state").dataset.state = clip.state;
  at("undo").disabled = clip.undone >= clip.changes.length;
  at("redo").disabled = clip.undone === 0;
  at("hear-label").hidden = !clip.sound;
  listTracks();
  listDoubts();
  listLog();
  redraw();
  return player.show(player.frame);
}

function redraw() {
  if (!clip) return;
  stage.draw(clip.tracks, player.frame, chosen);
  timeline.draw(clip, chosen, player.frame);
}

function listTracks() {
  const items = idsOf(clip.tracks).map((id) => {
    const parts = stretchesOf(clip.tracks, id);
    const item = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.track = id;
    button.setAttribute("aria-pressed", String(id === chosen));
    const doubts = clip.doubts.filter((doubt) => doubt.track === id).map((doubt) => doubt.kind);
    const spans = parts.map((part) => `${part.start_s.toFixed(2)}–${part.end_s.toFixed(2)} s`).join(", ");
    button.textContent = `${id}: ${spans}, score ${parts[0].score.toFixed(2)}`;
    if (doubts.length) {
      const why = document.createElement("span");
      why.className = "why";
      why.textContent = [...new Set(doubts)].join(", ");
      button.append(" ", why);
    }
    button.addEventListener("click", () => choose(id));
    item.append(button);
    return item;
  });
  at("tracks").replaceChildren(...items);
  at("box-of-track").hidden = chosen !== null;
  at("track-tools").hidden = chosen === null;
  if (chosen !== null) {
    at("chosen").textContent = `Track ${chosen}`;
    at("other").replaceChildren(...idsOf(clip.tracks).filter((id) => id !== chosen).map((id) => new Option(String(id), id)));
  }
}

// The worst first, as the server sorted them: what a detector was unsure of, and what the verification saw.
function listDoubts() {
  const count = clip.doubts.length;
  at("doubted").textContent = count ? `${count} spot${count === 1 ? "" : "s"} of which the machine is unsure, the worst first.` : "Nothing. A face that no detector saw is not here either: watch the clip.";
  at("doubts").replaceChildren(...clip.doubts.map((doubt) => {
    const item = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    const whose = doubt.track === null ? "" : `, track ${doubt.track}`;
    button.textContent = `${clip.times[doubt.frame].toFixed(2)} s: ${doubt.kind}${whose}`;
    button.addEventListener("click", guarded(() => visit(doubt)));
    item.append(button);
    return item;
  }));
}

function listLog() {
  at("entries").tBodies[0].replaceChildren(...clip.log.map((entry) => {
    const row = document.createElement("tr");
    const end = entry.end_s === null ? "the end" : `${entry.end_s.toFixed(2)} s`;
    for (const text of [`${entry.start_s.toFixed(2)} s – ${end}`, entry.what, entry.treatment, entry.basis, entry.by]) {
      row.insertCell().textContent = text;
    }
    return row;
  }));
}

function choose(id) {
  chosen = id;
  listTracks();
  redraw();
  document.querySelector(`#tracks button[data-track="${id}"]`)?.focus();
  const parts = stretchesOf(clip.tracks, id);
  if (!parts.some((part) => boxAt(part, player.frame))) player.step(parts[0].first_frame - player.frame);
}

player.addEventListener("moved", () => {
  if (stage.box && editing === null && keyframes.length) {
    const here = keyframes.find((key) => key.frame === player.frame);
    if (here) stage.box = here.box;
  }
  stage.draw(clip.tracks, player.frame, chosen);
  timeline.point(player.frame);
  at("position").value = player.frame;
  const time = clip.times[player.frame];
  at("clock").textContent = `${time.toFixed(3)} s · frame ${player.frame + 1} of ${clip.times.length}`;
  at("position").setAttribute("aria-valuetext", at("clock").textContent);
});
player.addEventListener("moved", () => sound.follow(player.speed, clip.times[player.frame]));
player.addEventListener("paced", () => {
  sound.follow(player.speed, clip?.times[player.frame] ?? 0);
  at("play").textContent = player.speed === 0 ? "Play" : "Pause";
  at("play").setAttribute("aria-pressed", String(player.speed !== 0));
});
timeline.addEventListener("picked", ({ detail }) => {
  if (detail.track !== null) choose(detail.track);
  player.step(detail.frame - player.frame);
});
timeline.addEventListener("resized", redraw);
stage.addEventListener("chosen", ({ detail }) => choose(detail));

// ---- changes

async function change(made) {
  const by = at("reviewer").value;
  await take(await ask(`/clip/${number}/change`, { revision: clip.revision, change: { by, ...made } }));
}

async function turn(steps) {
  await take(await ask(`/clip/${number}/turn`, { revision: clip.revision, steps }));
  say(steps > 0 ? "Undone." : "Done again.");
}

function newId() {
  const used = [0, ...idsOf(clip.tracks)];
  for (const made of clip.changes) {
    if (made.do === "draw") used.push(made.track);
    if (made.do === "split") used.push(made.new);
  }
  return Math.max(...used) + 1;
}

// ---- the box in hand

stage.addEventListener("held", () => {
  at("box-tools").hidden = stage.box === null;
  if (stage.box === null) {
    keyframes = [];
    editing = null;
  } else {
    const key = { frame: player.frame, box: stage.box };
    keyframes = [...keyframes.filter((one) => one.frame !== player.frame), key].sort((a, b) => a.frame - b.frame);
  }
  sayBox();
  redraw();
});

function sayBox() {
  if (!stage.box) return;
  const [x, y, width, height] = stage.box;
  const first = keyframes[0];
  const last = keyframes.at(-1);
  const span = keyframes.length > 1 ? `, from ${clip.times[first.frame].toFixed(2)} s to ${clip.times[last.frame].toFixed(2)} s` : "";
  at("box-said").textContent = `${width} × ${height} pixels at ${x}, ${y}${span}`;
}

async function follow(forward) {
  const from = { frame: player.frame, box: stage.box };
  say("Following the box …");
  const found = await ask(`/clip/${number}/follow`, { ...from, forward });
  const covered = new Set(found.map((key) => key.frame));
  keyframes = [...keyframes.filter((key) => !covered.has(key.frame)), ...found].sort((a, b) => a.frame - b.frame);
  const end = found.length ? found.at(-1).frame : from.frame;
  sayBox();
  say(`Followed for ${found.length} frames, to ${clip.times[end].toFixed(2)} s. Check that the box is still right there.`);
  await player.step(end - player.frame);
}

async function storeBox() {
  if (!stage.box) return;
  const made = editing === null
    ? { do: "draw", track: newId(), keyframes }
    : { do: "redraw", track: editing, keyframes };
  await change(made);
  chosen = made.track;
  stage.hold(null);
  listTracks();
  redraw();
  say(`Stored track ${made.track}.`);
}

function newBox() {
  player.pause();
  editing = null;
  keyframes = [];
  const side = Math.round(Math.min(clip.width, clip.height) / 6);
  stage.hold([(clip.width - side) / 2, (clip.height - side) / 2, side, side]);
  at("overlay").scrollIntoView({ block: "nearest" });
  say("A new box is in the middle. Arrow keys move it, with Shift they resize it, Enter stores it.");
}

at("new-box").addEventListener("click", newBox);
at("follow-on").addEventListener("click", guarded(() => follow(true)));
at("follow-back").addEventListener("click", guarded(() => follow(false)));
at("store-box").addEventListener("click", guarded(storeBox));
at("drop-box").addEventListener("click", () => stage.hold(null));
at("undo").addEventListener("click", guarded(() => turn(1)));
at("redo").addEventListener("click", guarded(() => turn(-1)));

// ---- tools of a track

function reason() {
  const given = at("reason").value.trim();
  if (!given) {
    at("reason").focus();
    throw new Error("Write the reason first: it goes into the exemption log.");
  }
  return given;
}

const tools = {
  start: () => player.step(stretchesOf(clip.tracks, chosen)[0].first_frame - player.frame),
  end: () => player.step(stretchesOf(clip.tracks, chosen).at(-1).last_frame - player.frame),
  edit: () => {
    const track = chosen;
    const here = stretchesOf(clip.tracks, track).map((part) => boxAt(part, player.frame)).find(Boolean);
    const box = here ?? stretchesOf(clip.tracks, track)[0].boxes[0].slice(1);
    stage.box = null;
    keyframes = [];
    editing = track;
    stage.hold(box);
    say(`The box of track ${track} is in hand. Arrow keys move it, with Shift they resize it, Enter stores it.`);
  },
  split: async () => {
    const [track, made] = [chosen, newId()];
    await change({ do: "split", track, frame: player.frame, new: made });
    say(`From here on, track ${track} is track ${made}.`);
  },
  join: async () => {
    const [track, other] = [chosen, Number(at("other").value)];
    await change({ do: "join", track, other });
    say(`Tracks ${track} and ${other} are one.`);
  },
  keep: async () => {
    const track = chosen;
    await change({ do: "keep", track, reason: reason() });
    say(`Track ${track} stays visible; the reason is in the exemption log.`);
  },
  drop: async () => {
    const track = chosen;
    await change({ do: "drop", track, reason: reason() });
    say(`Track ${track} is not covered any more.`);
  },
};
for (const button of document.querySelectorAll("[data-do]")) {
  button.addEventListener("click", guarded(() => tools[button.dataset.do]()));
}
at("track-tools").addEventListener("submit", (event) => event.preventDefault());

for (const button of document.querySelectorAll("[data-now]")) {
  button.addEventListener("click", () => {
    at("span").elements[button.dataset.now].value = clip.times[player.frame];
  });
}

at("span").addEventListener("submit", guarded(async (event) => {
  event.preventDefault();
  const given = new FormData(event.target);
  const [start_s, end_s] = [Number(given.get("start")), Number(given.get("end"))];
  if (end_s < start_s) throw new Error("A span ends after it begins.");
  const what = event.submitter.value;
  await change({ do: what, basis: given.get("basis"), start_s, end_s });
  say(`${what === "mute" ? "Muted" : "Covered"} from ${start_s} s to ${end_s} s.`);
}));

// ---- deciding

async function watchRendering() {
  for (;;) {
    const told = await ask(`/clip/${number}/render`);
    if (told.state !== "running") return told;
    at("rendering").textContent = "rendering …";
    await new Promise((done) => setTimeout(done, 400));
  }
}

at("render").addEventListener("click", guarded(async () => {
  at("render").disabled = true;
  try {
    await ask(`/clip/${number}/render`, {});
    const told = await watchRendering();
    at("rendering").textContent = told.state === "done" ? "rendered and verified" : "failed";
    if (told.state === "failed") throw new Error(told.said || "The rendering failed.");
    await take(await ask(`/clip/${number}/state`));
    say("Rendered and verified by another detector. Look at it once more, then decide.");
  } finally {
    at("render").disabled = false;
  }
}));

async function rule(approved) {
  const given = { revision: clip.revision, approved, by: at("reviewer").value, note: at("note").value };
  await take(await ask(`/clip/${number}/rule`, given));
  say(approved ? "Approved for release; your name and the time are in the manifest." : "Rejected.");
}
at("approve").addEventListener("click", guarded(() => rule(true)));
at("reject").addEventListener("click", guarded(() => rule(false)));

// ---- moving about

function nextDoubt() {
  const later = clip.doubts.filter((doubt) => doubt.frame > player.frame).sort((a, b) => a.frame - b.frame);
  const doubt = later[0] ?? [...clip.doubts].sort((a, b) => a.frame - b.frame)[0];
  if (!doubt) {
    say("There are no doubts in this clip.");
    return;
  }
  return visit(doubt);
}

function visit(doubt) {
  if (doubt.track !== null && idsOf(clip.tracks).includes(doubt.track)) chosen = doubt.track;
  listTracks();
  redraw();
  say(`${doubt.kind}${doubt.track === null ? "" : `, track ${doubt.track}`}, at ${clip.times[doubt.frame].toFixed(2)} s`);
  return player.step(doubt.frame - player.frame);
}

const toggle = () => (player.speed === 0 ? player.play(1) : player.pause());
at("play").addEventListener("click", guarded(toggle));
at("doubt").addEventListener("click", guarded(nextDoubt));
for (const button of document.querySelectorAll("[data-go]")) {
  button.addEventListener("click", guarded(() => player.step(Number(button.dataset.go))));
}
at("position").addEventListener("input", guarded((event) => player.step(Number(event.target.value) - player.frame)));
at("zoom").addEventListener("input", (event) => {
  timeline.zoom = Number(event.target.value);
  redraw();
});
at("view").addEventListener("change", guarded((event) => {
  at("views").dataset.view = event.target.value;
  at("swipe-label").hidden = event.target.value !== "swipe";
  return player.show(player.frame);
}));
at("swipe").addEventListener("input", (event) => at("views").style.setProperty("--divide", `${event.target.value}%`));

const keys = {
  " ": toggle,
  k: toggle,
  j: () => player.play(player.speed < 0 ? Math.max(player.speed * 2, -8) : -1),
  l: () => player.play(player.speed > 0 ? Math.min(player.speed * 2, 8) : 1),
  ",": () => player.step(-1),
  ".": () => player.step(1),
  n: nextDoubt,
  b: newBox,
};
const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

document.addEventListener("keydown", guarded(async (event) => {
  const typing = event.target.closest("input:not([type=range]), select, textarea");
  if (typing || !clip) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if ((event.ctrlKey || event.metaKey) && key === "z") {
    event.preventDefault();
    await turn(event.shiftKey ? -1 : 1);
  } else if (event.ctrlKey || event.metaKey) {
    return;
  } else if (stage.box && arrows[event.key]) {
    event.preventDefault();
    const far = event.altKey ? 10 : 1;
    stage.nudge(...arrows[event.key].map((by) => by * far), event.shiftKey);
  } else if (stage.box && (event.key === "Enter" || event.key === "Escape") && !event.target.closest("button, summary, a")) {
    event.preventDefault();
    if (event.key === "Enter") await storeBox();
    else stage.hold(null);
  } else if (event.key === "Escape" && stage.box) {
    stage.hold(null);
  } else if (arrows[event.key] && event.target.type !== "range" && arrows[event.key][0]) {
    event.preventDefault();
    await player.step(arrows[event.key][0]);
  } else if (keys[key] && !(key === " " && event.target.closest("button, summary, a"))) {
    event.preventDefault();
    await keys[key]();
  }
}));

guarded(async () => take(await ask(`/clip/${number}/state`)))();
