import { Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { MediaModule } from '../media/media.module.js';
import { ConsentHooks } from './consent/consent-hooks.js';
import { ConsentImport } from './consent/consent-import.service.js';
import { ConsentRepository } from './consent/consent.repository.js';
import { Consents } from './consent/consents.service.js';
import { ContactProfileRepository } from './contact-profile.repository.js';
import { ContactReader } from './contact-reader.service.js';
import { ContactRepository } from './contact.repository.js';
import { ContactsController } from './contacts.controller.js';
import { DialogCloser } from './dialog-closer.service.js';
import { DialogReader } from './dialog-reader.service.js';
import { DialogRepository } from './dialog.repository.js';
import { DialogsController } from './dialogs.controller.js';
import { LastInboundRepository } from './last-inbound.repository.js';
import { MessageHistoryRepository } from './message-history.repository.js';
import { MessageReader } from './message-reader.service.js';
import { MessageRepository } from './message.repository.js';
import { ThreadRepository } from './thread.repository.js';

const PROVIDERS = [
  ContactRepository,
  ContactProfileRepository,
  ContactReader,
  ConsentHooks,
  ConsentRepository,
  Consents,
  ConsentImport,
  ThreadRepository,
  DialogRepository,
  DialogCloser,
  MessageRepository,
  LastInboundRepository,
  MessageHistoryRepository,
  DialogReader,
  MessageReader,
];

/** Contacts, dialogs, messages and their windows. */
@Module({
  imports: [AccessModule, MediaModule],
  controllers: [DialogsController, ContactsController],
  providers: PROVIDERS,
  exports: PROVIDERS,
})
export class DialogModule {}
