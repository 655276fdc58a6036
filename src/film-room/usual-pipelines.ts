/** What a film is most often brought for, and a picture. */
export const USUAL_PIPELINES = { film: 'restore-film', picture: 'night-cctv' } as const;
