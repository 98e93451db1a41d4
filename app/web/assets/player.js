// Plays a video: adaptive, with a choice of rendition and with pictures for
// seeking. hls.js feeds browsers that do not play HLS by themselves.
import Hls from './hls.min.mjs';

const clock = (seconds) => {
  const s = Math.floor(seconds);
  const two = (n) => String(n).padStart(2, '0');
  return s >= 3600 ? `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}` : `${Math.floor(s / 60)}:${two(s % 60)}`;
};

export function play(player) {
  const video = player.querySelector('video');
  const fail = (words) => {
    const note = player.querySelector('[role=alert]');
    note.textContent = words;
    note.hidden = false;
  };
  if (Hls.isSupported()) {
    renditions(player.querySelector('.quality select'), adapt(player.dataset.hls, video, fail));
  } else if (video.canPlayType('application/vnd.apple.mpegurl')) {
    player.querySelector('.quality').hidden = true; // the browser chooses
    video.src = player.dataset.hls;
    video.addEventListener('error', () => fail('The video cannot be played at the moment.'));
  } else {
    fail('This browser cannot play streams.');
    return;
  }
  controls(player, video);
  if (player.dataset.seek) peek(player, player.dataset.seek);
}

// adapt lets hls.js fetch the stream. The segments need no repackaging, which is
// what its worker is for.
function adapt(address, video, fail) {
  const hls = new Hls({ enableWorker: false });
  const repaired = {};
  hls.on(Hls.Events.ERROR, (_, { fatal, type }) => {
    if (!fatal) return;
    const again = { [Hls.ErrorTypes.NETWORK_ERROR]: () => hls.startLoad(), [Hls.ErrorTypes.MEDIA_ERROR]: () => hls.recoverMediaError() }[type];
    if (again && !repaired[type] && hls.levels.length > 0) {
      repaired[type] = true;
      again();
    } else {
      fail(type === Hls.ErrorTypes.NETWORK_ERROR ? 'The video cannot be fetched at the moment. Reload the page to try again.' : 'The browser cannot play this video.');
      hls.destroy();
    }
  });
  hls.loadSource(address);
  hls.attachMedia(video);
  return hls;
}

// renditions connects the choice of rendition. An option's value is a size in
// pixels, the first stands for hls.js's own choice.
function renditions(select, hls) {
  const [auto] = select.options;
  const size = (level) => `${level.width}x${level.height}`;
  hls.on(Hls.Events.MANIFEST_PARSED, () => {
    for (const option of [...select.options].slice(1)) {
      if (!hls.levels.some((level) => size(level) === option.value)) option.remove();
    }
  });
  hls.on(Hls.Events.LEVEL_SWITCHED, (_, { level }) => {
    const name = [...select.options].find((option) => option.value === size(hls.levels[level]))?.textContent;
    auto.textContent = hls.autoLevelEnabled && name ? `Auto (${name})` : 'Auto';
    select.dataset.playing = size(hls.levels[level]);
  });
  select.addEventListener('change', () => {
    // At the next segment; what is buffered beyond is fetched anew.
    hls.nextLevel = hls.levels.findIndex((level) => size(level) === select.value);
  });
}

function controls(player, video) {
  const [bar, button, mute, full] = ['.bar', '.play', '.mute', '.full'].map((name) => player.querySelector(name));
  const position = player.querySelector('.seek input');
  const now = player.querySelector('.now');
  bar.hidden = false;
  const toggle = () => (video.paused ? video.play().catch(() => {}) : video.pause());
  button.addEventListener('click', toggle);
  video.addEventListener('click', toggle);
  for (const event of ['play', 'pause']) {
    video.addEventListener(event, () => {
      player.classList.toggle('playing', !video.paused);
      button.setAttribute('aria-label', video.paused ? 'Play' : 'Pause');
    });
  }
  mute.addEventListener('click', () => { video.muted = !video.muted; });
  video.addEventListener('volumechange', () => {
    player.classList.toggle('muted', video.muted);
    mute.setAttribute('aria-pressed', String(video.muted));
  });
  const show = () => {
    position.value = video.currentTime;
    position.setAttribute('aria-valuetext', clock(video.currentTime));
    now.textContent = clock(video.currentTime);
  };
  video.addEventListener('timeupdate', show);
  video.addEventListener('seeking', show);
  video.addEventListener('durationchange', () => {
    if (!Number.isFinite(video.duration)) return;
    position.max = video.duration;
    player.querySelector('.whole').textContent = clock(Math.round(video.duration));
  });
  position.addEventListener('input', () => { video.currentTime = Number(position.value); });
  position.addEventListener('keydown', (event) => {
    // "any" as step makes the arrow keys' own steps a hundredth of the video.
    const step = { ArrowLeft: -5, ArrowRight: 5 }[event.key];
    if (!step) return;
    event.preventDefault();
    video.currentTime = Math.min(Math.max(video.currentTime + step, 0), Number(position.max));
  });
  full.hidden = !document.fullscreenEnabled;
  full.addEventListener('click', () => (document.fullscreenElement ? document.exitFullscreen() : player.requestFullscreen()));
}

// peek shows, over the bar, the picture of the moment that the pointer is at.
async function peek(player, address) {
  const response = await fetch(address).catch(() => null);
  const cues = response?.ok ? cuesOf(await response.text(), new URL(address, location.href)) : [];
  const bubble = player.querySelector('.peek');
  const still = player.querySelector('.still');
  const position = player.querySelector('.seek input');
  position.addEventListener('pointermove', (event) => {
    const bounds = position.getBoundingClientRect();
    const fraction = Math.min(Math.max((event.clientX - bounds.left) / bounds.width, 0), 1);
    const at = fraction * Number(position.max);
    const cue = cues.find(({ start, end }) => at >= start && at < end) ?? (at > 0 ? cues.at(-1) : cues[0]);
    bubble.hidden = false;
    bubble.querySelector('output').textContent = clock(at);
    still.hidden = !cue;
    if (cue) {
      Object.assign(still.style, {
        width: `${cue.w}px`, height: `${cue.h}px`, backgroundImage: `url("${cue.sprite}")`, backgroundPosition: `-${cue.x}px -${cue.y}px`,
      });
    }
    const half = bubble.offsetWidth / 2;
    bubble.style.left = `${Math.min(Math.max(fraction * bounds.width, half), Math.max(bounds.width - half, half))}px`;
  });
  position.addEventListener('pointerleave', () => { bubble.hidden = true; });
}

// cuesOf reads a WebVTT track whose cues name parts of pictures as media fragments
// (https://www.w3.org/TR/media-frags/#naming-space).
function cuesOf(text, base) {
  const seconds = (stamp) => stamp.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
  const cue = /^([\d:.]+)[ \t]+-->[ \t]+([\d:.]+).*\r?\n(\S+)#xywh=(?:pixel:)?(\d+),(\d+),(\d+),(\d+)/gm;
  return [...text.matchAll(cue)].map(([, start, end, picture, x, y, w, h]) => ({
    start: seconds(start), end: seconds(end), sprite: new URL(picture, base).href, x, y, w, h,
  }));
}
