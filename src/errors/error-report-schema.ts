import { z } from 'zod';

/** An ErrorReport as it stands in answers and files. */
export const errorReportSchema = z.object({
  code: z.string(),
  message: z.string(),
  remedy: z.string(),
  retryable: z.boolean(),
});
