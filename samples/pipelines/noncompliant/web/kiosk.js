// Greets staff by name at the gate.
const express = require("express");
const faceapi = require("@vladmandic/face-api");

async function greet(image, staff) {
  const seen = await faceapi.detectSingleFace(image).withFaceLandmarks().withFaceDescriptor();
  const matcher = new faceapi.FaceMatcher(staff, 0.55);
  return matcher.findBestMatch(seen.descriptor).label;
}

express().post("/greet", (request, response) => greet(request.body, []).then((name) => response.send(name)));
