"""What evidence means under a version of a law: packs as data, assessment, waivers, baseline."""
