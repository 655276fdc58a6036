import './style.css';
import './stream/stage.css';
import './stream/tools.css';
import './stream/panels.css';
import './settings/settings.css';
import './wall/wall.css';
import './films/films.css';
import { useLanguage } from './texts/texts.js';
import { ViewerPage } from './viewer-page.js';

void useLanguage(navigator.languages).then(() => new ViewerPage());
