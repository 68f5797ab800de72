import { Injectable, Logger } from '@nestjs/common';

/** A mail in plain text to one person. */
export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  /** The secret in the text, where it is all that the mail is for. */
  readonly token?: string;
  /** Whose business it is about; null: the platform's own. */
  readonly organizationId: string | null;
}

/**
 * Sends the mails of the product: without a server for them, to the log, at level `info` and whole. Asked once what a
 * mail speaks of is committed; it never throws, so that a mail that fails undoes nothing.
 */
@Injectable()
export class Mailer {
  private readonly logger = new Logger(Mailer.name);
  private outlet = ({ to, subject, text, organizationId }: Mail): void => {
    this.logger.log({ message: 'mail', tenant: organizationId, to, subject, text });
  };

  /** From now on somebody is told of the mails that would go to the log: at a command line nobody sees that. */
  tell(outlet: (mail: Mail) => void): void {
    this.outlet = outlet;
  }

  send(mail: Mail): void {
    this.outlet(mail);
  }
}
