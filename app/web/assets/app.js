// The page works without this script. With it, uploads show their progress,
// results appear by themselves, and the confidence slider acts at once.
import { filter } from './filter.js';
import { live } from './live.js';
import { uploads } from './upload.js';
import { actions } from './actions.js';

document.documentElement.classList.add('scripted');
filter();
actions();
if (document.getElementById('gallery')) uploads();
if (document.getElementById('gallery') || document.getElementById('result')) live();
const player = document.getElementById('player');
if (player) import('./player.js').then(({ play }) => play(player));
