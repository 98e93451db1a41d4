// Delete and retry without leaving the page.
import { refresh, remove } from './cards.js';

export function actions() {
  document.addEventListener('click', (event) => {
    const link = event.target.closest?.('[data-delete]');
    const dialog = document.getElementById('confirm');
    if (!link || !dialog || event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    const card = link.closest('.card');
    const video = link.dataset.delete === 'video';
    document.getElementById('confirm-kind').textContent = video ? 'video' : 'picture';
    document.getElementById('confirm-rest').textContent = video ? 'everything made of it' : 'its analysis';
    document.getElementById('confirm-name').textContent = `“${card.dataset.name}”`;
    dialog.returnValue = '';
    dialog.showModal();
    dialog.addEventListener('close', async () => {
      if (dialog.returnValue !== 'delete') return;
      card.classList.add('leaving');
      const response = await fetch(link.href, { method: 'DELETE', headers: { Accept: 'application/json' } }).catch(() => null);
      if (response?.ok || response?.status === 404) remove(card.dataset.name);
      else {
        card.classList.remove('leaving');
        say(card, await words(response));
      }
    }, { once: true });
  });

  document.addEventListener('submit', async (event) => {
    const form = event.target.closest?.('[data-retry]');
    const card = form?.closest('.card');
    if (!card) return;
    event.preventDefault();
    const button = form.querySelector('button');
    button.disabled = true;
    button.textContent = form.dataset.retry || 'Analyzing…';
    const response = await fetch(form.action, { method: 'POST', headers: { Accept: 'application/json' } }).catch(() => null);
    button.disabled = false;
    button.textContent = 'Retry';
    if (response?.ok || response?.status === 409) await refresh(card.dataset.name);
    else say(card, await words(response));
  });
}

async function words(response) {
  if (!response) return 'The connection broke off. Please try again.';
  const answer = await response.json().catch(() => null);
  return answer?.error ?? `That did not work (HTTP ${response.status}).`;
}

function say(card, text) {
  if (!card.isConnected) return;
  let note = card.querySelector('.note');
  if (!note) {
    note = document.createElement('p');
    note.className = 'state failed note';
    note.setAttribute('role', 'alert');
    card.querySelector('figcaption').append(note);
  }
  note.textContent = text;
}
