// Boxes of tracks by frame: [x, y, width, height] in pixels of the upright picture.

export function boxAt(track, frame) {
  if (frame < track.first_frame || frame > track.last_frame) return null;
  let at = track.first_frame;
  for (const [count, ...box] of track.boxes) {
    at += count;
    if (frame < at) return box;
  }
  return null;
}

export function tracksAt(tracks, frame) {
  return tracks
    .map((track) => ({ track, box: boxAt(track, frame) }))
    .filter((found) => found.box !== null);
}

// A track may come in several stretches (where part of it was kept visible): one entry each, one id.
export function idsOf(tracks) {
  return [...new Set(tracks.map((track) => track.id))].sort((a, b) => a - b);
}

export function stretchesOf(tracks, id) {
  return tracks.filter((track) => track.id === id).sort((a, b) => a.first_frame - b.first_frame);
}
