/** How long an answer of Redis is worth waiting for, in milliseconds. */
export type Deadline = number;

/** Rejects when the answer takes longer: a Redis that hangs must not hold up what it only makes faster. */
export async function within<T>(deadlineMs: Deadline, ask: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Redis did not answer in ${deadlineMs} ms`)), deadlineMs);
  });
  try {
    return await Promise.race([ask(), late]);
  } finally {
    clearTimeout(timer);
  }
}
