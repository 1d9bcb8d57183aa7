// Measures playback from outside the player: a clock beside video.currentTime. Defines window.meter; runs on any page.
//
// A stall is no progress for STALL_MS while the video is neither paused by the page nor ended. A jump is currentTime
// moving further than the clock explains (a seek over a hole, or back to the live edge).

{
  const SAMPLE_MS = 50;
  const STALL_MS = 300;
  const JUMP_SECONDS = 0.75;

  const video = document.querySelector("video");
  const state = {
    startedMs: null, firstSeconds: NaN, playedSeconds: 0, samples: 0,
    stalls: [], jumps: [], sizes: [], videoErrors: [], maxHoles: 0,
  };
  let position = NaN;
  let movedMs = NaN;
  let sampledMs = performance.now();
  let stalledSinceMs = NaN;

  video.addEventListener("error", () => state.videoErrors.push(video.error ? `${video.error.code} ${video.error.message}` : "error"));

  function ranges() {
    return Array.from({ length: video.buffered.length }, (_, i) => [video.buffered.start(i), video.buffered.end(i)]);
  }

  function sample() {
    const nowMs = performance.now();
    const elapsedSeconds = (nowMs - sampledMs) / 1000;
    sampledMs = nowMs;
    const now = video.currentTime;
    const step = now - position;
    if (Number.isNaN(position)) {
      if (video.readyState >= 2) position = now;
      return;
    }
    position = now;
    const height = video.videoHeight;
    const last = state.sizes.at(-1);
    if (height && (!last || last.height !== height)) state.sizes.push({ width: video.videoWidth, height, atSeconds: now });
    if (step !== 0) moved(nowMs, now, step, elapsedSeconds);
    else if (state.startedMs !== null && !video.paused && !video.ended && nowMs - movedMs >= STALL_MS && Number.isNaN(stalledSinceMs)) {
      stalledSinceMs = movedMs;
      state.stalls.push({ atSeconds: now, ms: nowMs - movedMs });
    }
    if (!Number.isNaN(stalledSinceMs)) state.stalls.at(-1).ms = nowMs - stalledSinceMs;
    if (step !== 0) stalledSinceMs = NaN;
    // Ranges that the playhead has not reached tell of holes ahead.
    state.maxHoles = Math.max(state.maxHoles, ranges().filter(([start]) => start > now + 0.05).length);
  }

  function moved(nowMs, now, step, elapsedSeconds) {
    if (state.startedMs === null) {
      if (step > 0.5 || step < 0) return; // the seek to the live edge before the first frame
      state.startedMs = nowMs;
      state.firstSeconds = now;
    }
    movedMs = nowMs;
    state.samples++;
    if (step < 0 || step > elapsedSeconds * 2 + JUMP_SECONDS) state.jumps.push({ atSeconds: now, bySeconds: step });
    else state.playedSeconds += step;
  }

  setInterval(sample, SAMPLE_MS);

  /** What is shown or told beside the picture: captions, subtitles, timed metadata. */
  function texts(dateMs) {
    const onClock = (seconds) => dateMs + (seconds - video.currentTime) * 1000;
    return Array.from(video.textTracks, (track) => {
      if (track.mode === "disabled") track.mode = "hidden"; // a disabled one has no cues
      const cues = Array.from(track.cues || []);
      return {
        kind: track.kind, label: track.label, language: track.language, count: cues.length,
        cues: cues.slice(-60).map((cue) => ({ text: cue.text || "", startMs: onClock(cue.startTime), endMs: onClock(cue.endTime) })),
        last: cues.slice(-3).map((cue) => cue.text || (cue.value ? `${cue.type} ${cue.value.key} ${cue.value.info || ""} ${cue.value.data || ""}` : "")),
      };
    });
  }

  window.meter = {
    get playing() { return state.startedMs !== null; },
    get playedSeconds() { return state.playedSeconds; },
    /** @param dateMs wall-clock time of the picture that is shown; NaN where the player does not know it */
    read(dateMs) {
      const quality = video.getVideoPlaybackQuality();
      return {
        ...state,
        wallSeconds: state.startedMs === null ? 0 : (performance.now() - state.startedMs) / 1000,
        currentTime: video.currentTime,
        decodedFrames: quality.totalVideoFrames,
        droppedFrames: quality.droppedVideoFrames,
        buffered: ranges(),
        texts: texts(dateMs),
        audioBytes: video.webkitAudioDecodedByteCount || 0,
      };
    },
  };
}
