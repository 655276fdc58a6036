/** Encoders of H.264 that may be asked for: the software one, and those of hardware that take pictures from memory. */
export const H264_ENCODER_NAMES = [
  'libx264',
  'h264_nvenc',
  'h264_qsv',
  'h264_amf',
  'h264_v4l2m2m',
  'h264_videotoolbox',
] as const;

/** Name of an H.264 encoder. */
export type H264Encoder = (typeof H264_ENCODER_NAMES)[number];

/** Presets of libx264 that a live stream can afford, fastest first. */
export const X264_PRESETS = ['ultrafast', 'superfast', 'veryfast', 'faster', 'fast', 'medium'] as const;
