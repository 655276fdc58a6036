import './style.css';
import './stage.css';
import './panels.css';
import { ViewerPage } from './viewer-page.js';

new ViewerPage();
