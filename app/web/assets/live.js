// Follows the server's events, so that results appear without a reload.
import { cardOf, names, put, refresh, remove } from './cards.js';

// progress shows on a video's page what its card says of the job.
function progress(result, html) {
  const template = document.createElement('template');
  template.innerHTML = html;
  result.querySelector('.progress-state').replaceWith(template.content.querySelector('.progress-state'));
}

export function live() {
  const sign = document.getElementById('live');
  const result = document.getElementById('result');
  const show = (on) => {
    sign.hidden = false;
    sign.classList.toggle('on', on);
    sign.textContent = on ? 'Live' : 'Reconnecting…';
  };

  const follow = () => {
    const source = new EventSource('/events');
    const on = (event, act) => source.addEventListener(event, (message) => act(JSON.parse(message.data)));
    source.onopen = () => show(true);
    source.onerror = () => {
      show(false);
      if (source.readyState === EventSource.CLOSED) setTimeout(follow, 3000);
    };
    if (result) {
      // The page of one picture or video: a new version is worth a reload, unless
      // it is a job's progress.
      const stage = (version) => version.split(' ', 2).join(' ');
      const check = (version, html) => {
        const before = result.dataset.version;
        if (!version || !before || version === before) return;
        if (result.dataset.kind !== 'video' || stage(version) !== stage(before)) location.reload();
        else if (html) progress(result, html);
      };
      on('sync', (versions) => check(versions[result.dataset.name]));
      on('picture', (picture) => picture.name === result.dataset.name && check(picture.version));
      on('video', (video) => video.name === result.dataset.name && check(video.version, video.html));
      return;
    }
    on('sync', async (versions) => {
      // What changed while nobody listened.
      for (const name of names()) {
        if (!(name in versions)) remove(name);
        else if (versions[name] && versions[name] !== cardOf(name).dataset.version) await refresh(name);
      }
      if (document.getElementById('gallery').dataset.page === '1' && !document.querySelector('.pages')) {
        for (const name of Object.keys(versions)) if (!cardOf(name)) await refresh(name);
      }
    });
    on('picture', (picture) => put(picture.html));
    on('video', (video) => put(video.html));
    on('removed', ({ name }) => remove(name));
    on('database', ({ reachable }) => { document.getElementById('database').hidden = reachable; });
  };
  follow();
}
