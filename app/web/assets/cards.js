// The cards of the gallery: put in, replaced, taken out.
import { apply } from './filter.js';

const gallery = () => document.getElementById('gallery');

export function cardOf(name) {
  return [...(gallery()?.children ?? [])].find((card) => card.dataset.name === name);
}

export function names() {
  return [...(gallery()?.children ?? [])].map((card) => card.dataset.name);
}

function count(change) {
  const total = document.getElementById('total');
  total.textContent = Number(total.textContent) + change;
  const noun = document.getElementById('noun');
  noun.textContent = total.textContent === '1' ? noun.dataset.one : noun.dataset.many;
  document.getElementById('empty').hidden = gallery().children.length > 0;
}

function announce(card) {
  const words = card.dataset.kind === 'video' ? {
    pending: 'waits to be transcoded',
    waiting: 'waits for a transcoder',
    running: 'is being transcoded',
    succeeded: 'can be played',
    failed: 'could not be transcoded',
    overdue: 'still has no transcoder',
    stalled: 'has no news from its transcoder',
  }[card.dataset.status] : {
    pending: 'is being analysed',
    succeeded: `is analysed: ${[...card.querySelectorAll('.chip:not(.below)')].map((chip) => chip.textContent).join(', ') || 'nothing found'}`,
    failed: 'could not be analysed',
    overdue: 'still has no result',
  }[card.dataset.status];
  if (words) document.getElementById('announce').textContent = `${card.dataset.name} ${words}.`;
}

// put shows a card given as HTML, which the server rendered. A picture that
// belongs to another page of the gallery is left out.
export function put(html) {
  const template = document.createElement('template');
  template.innerHTML = html;
  const card = template.content.querySelector('.card');
  const before = cardOf(card.dataset.name);
  if (before?.dataset.version === card.dataset.version) return;
  apply(card);
  if (before) {
    const focused = before.contains(document.activeElement);
    if (before.dataset.version.split(' ')[0] === card.dataset.version.split(' ')[0]) {
      // The same bytes: keep the element that has loaded them.
      const [fresh, loaded] = [card.querySelector('img'), before.querySelector('img')];
      if (fresh?.src === loaded?.src && loaded) {
        loaded.alt = fresh.alt;
        fresh.replaceWith(loaded);
      }
    }
    before.replaceWith(card);
    if (focused) card.querySelector('.stage').focus();
  } else {
    if (gallery().dataset.page !== '1') return;
    const created = Number(card.dataset.created);
    const older = [...gallery().children].find((other) => Number(other.dataset.created) < created);
    if (!older && gallery().children.length > 0 && document.querySelector('.pages')) return;
    gallery().insertBefore(card, older ?? null);
    card.classList.add('fresh');
    count(+1);
  }
  if (before?.dataset.status !== card.dataset.status) announce(card);
}

export function remove(name) {
  const card = cardOf(name);
  if (!card) return;
  card.remove();
  count(-1);
}

// refresh fetches one card anew.
export async function refresh(name) {
  const response = await fetch(`/card/${encodeURIComponent(name)}`);
  if (response.status === 404) remove(name);
  else if (response.ok) put(await response.text());
}
