import { Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { ContactRepository } from './contact.repository.js';
import { DialogReader } from './dialog-reader.service.js';
import { DialogRepository } from './dialog.repository.js';
import { DialogsController } from './dialogs.controller.js';
import { MessageHistoryRepository } from './message-history.repository.js';
import { MessageReader } from './message-reader.service.js';
import { MessageRepository } from './message.repository.js';
import { ThreadRepository } from './thread.repository.js';

const PROVIDERS = [
  ContactRepository,
  ThreadRepository,
  DialogRepository,
  MessageRepository,
  MessageHistoryRepository,
  DialogReader,
  MessageReader,
];

/** Contacts, dialogs, messages and their windows. */
@Module({ imports: [AccessModule], controllers: [DialogsController], providers: PROVIDERS, exports: PROVIDERS })
export class DialogModule {}
