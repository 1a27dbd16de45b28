import type { FastifyReply, FastifyRequest } from 'fastify';

const NAME = 'disburse_session';

/**
 * The cookie of a browser's session. `__Host-`: the browser itself refuses one that was set over plain HTTP
 * or by a sub-domain.
 */
export class SessionCookie {
  private readonly name: string;

  constructor(private readonly secure: boolean) {
    this.name = secure ? `__Host-${NAME}` : NAME;
  }

  read(request: FastifyRequest): string | undefined {
    return request.cookies[this.name] || undefined;
  }

  /** Without `maxAgeS` it ends with the browser. */
  set(reply: FastifyReply, session: string, maxAgeS?: number): void {
    void reply.setCookie(this.name, session, {
      ...this.attributes(),
      ...(maxAgeS === undefined ? {} : { maxAge: maxAgeS }),
    });
  }

  clear(reply: FastifyReply): void {
    void reply.clearCookie(this.name, this.attributes());
  }

  private attributes() {
    return { path: '/', httpOnly: true, sameSite: 'lax', secure: this.secure } as const;
  }
}
