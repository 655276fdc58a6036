import path from 'node:path';
import { packageRoot } from '../config/package-root.js';

/** The clip that serves as a camera where none is named. */
export const DEMO_CAMERA = path.join(packageRoot, 'demo', 'night-street.mp4');
