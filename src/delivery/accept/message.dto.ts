import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  Allow,
  IsDateString,
  IsIn,
  IsISO8601,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  Length,
  Max,
  MaxLength,
  Min,
} from 'class-validator';
import type { JsonObject } from '../../contract/index.js';
import { MESSAGE_STATUSES } from '../../dialog/message-status.js';
import { MayBeAbsent } from '../../platform/http/may-be-absent.js';
import { PageQuery } from '../../platform/http/page.dto.js';
import { MESSAGE_CLASSES, type MessageClass } from '../message-class.js';
import { AUTHORS, type Author } from './submission.js';

/** 30 days, in seconds. */
const MAX_DELIVER_WITHIN = 2_592_000;

const CONTENT =
  'the content: text, image, video, audio, document, sticker, location, contacts, reaction, buttons, list, template or native. ' +
  'What the channel cannot show as it is becomes what it can show (buttons → list → numbered text), and `notes` of the message ' +
  'says so. A text with `split: true` that is too long for one message goes as several messages, which follow one another in ' +
  'order; the answer is the first, with `parts: [{id, status}]` for the others.';

/** What can be said of a message wherever it is sent from. */
export class DialogMessageBody {
  @ApiProperty({ type: Object, description: CONTENT })
  @Allow()
  content!: unknown;

  @ApiPropertyOptional({ type: Object, description: 'a template that goes when free-form content may not' })
  @Allow()
  fallback?: unknown;

  @ApiPropertyOptional({ type: String, description: 'id of the message that this one answers' })
  @MayBeAbsent()
  @IsString()
  @MaxLength(200)
  replyTo?: string;

  @ApiPropertyOptional({
    enum: AUTHORS,
    description:
      'human: a person wrote this, not a program. Some networks let a human answer for longer than a program (Messenger and ' +
      'Instagram: 7 days after the last message of the customer); it is marked as theirs there, and only then',
  })
  @MayBeAbsent()
  @IsIn(AUTHORS)
  author?: Author;

  @ApiPropertyOptional({
    enum: MESSAGE_CLASSES,
    description: 'a lower class than the message has by itself; a better one waits for none of a lower one',
  })
  @MayBeAbsent()
  @IsIn(MESSAGE_CLASSES)
  class?: MessageClass;

  @ApiPropertyOptional({
    type: String,
    format: 'date-time',
    description: 'not sent before this moment, at most 90 days ahead; in the past: at once',
  })
  @MayBeAbsent()
  @IsDateString({ strict: true })
  @IsISO8601({ strict: true, strictSeparator: true })
  sendAt?: string;

  @ApiPropertyOptional({
    type: 'integer',
    minimum: 1,
    maximum: MAX_DELIVER_WITHIN,
    description:
      'seconds, from sendAt or now; what is not delivered by then is told once, by the event message.undelivered',
  })
  @MayBeAbsent()
  @IsInt()
  @Min(1)
  @Max(MAX_DELIVER_WITHIN)
  deliverWithin?: number;

  @ApiPropertyOptional({
    type: String,
    format: 'date-time',
    description:
      'not sent after this moment; default: 10 minutes (authentication), 24 hours (reply), 7 days (utility) or 30 days ' +
      '(marketing) after sendAt or now',
  })
  @MayBeAbsent()
  @IsDateString({ strict: true })
  @IsISO8601({ strict: true, strictSeparator: true })
  expiresAt?: string;

  @ApiPropertyOptional({ type: Object, description: 'your own data, given back with the message and its events' })
  @MayBeAbsent()
  @IsObject()
  @Type(() => Object)
  metadata?: JsonObject;
}

export class MessageBody extends DialogMessageBody {
  @ApiProperty({ type: String, description: 'id or uri of the gateway' })
  @IsString()
  @Length(1, 100)
  gateway!: string;

  @ApiPropertyOptional({ type: String, example: 'whatsapp' })
  @MayBeAbsent()
  @IsString()
  @Length(1, 100)
  channel?: string;

  @ApiPropertyOptional({ type: String, description: 'address of the sender, e.g. a phone number id' })
  @MayBeAbsent()
  @IsString()
  @Length(1, 200)
  account?: string;

  @ApiProperty({ description: 'E.164, or one of {phone}, {userId}, {contact}, {dialog}', example: '+16505551234' })
  @Allow()
  to!: unknown;
}

/** One message of a batch. */
export class BatchItemBody extends MessageBody {
  @ApiPropertyOptional({
    type: String,
    maxLength: 128,
    description: 'as the header Idempotency-Key of POST /messages, and of the same space',
  })
  @MayBeAbsent()
  @IsString()
  idempotencyKey?: string;
}

export class BatchBody {
  @ApiProperty({ type: [BatchItemBody], maxItems: 10_000 })
  messages!: BatchItemBody[];
}

export class BatchItemView {
  @ApiProperty({ type: 'integer', description: 'the place of the message in the batch, from 0' })
  index!: number;

  @ApiPropertyOptional({ type: String, description: 'of the message, where it was taken' })
  id?: string;

  @ApiPropertyOptional({ enum: MESSAGE_STATUSES })
  status?: string;

  @ApiPropertyOptional({
    type: [Object],
    description: '{id, status} of the messages that carry the rest of a text with `split: true`',
  })
  parts?: object[];

  @ApiPropertyOptional({ type: Object, description: 'why it was refused, as the problem that POST /messages answers' })
  error?: object;
}

export class BatchAnswerView {
  @ApiProperty({ type: [BatchItemView] })
  items!: BatchItemView[];
}

/** The same for the same request, whatever the order of its fields and whichever way it came. */
export function fingerprint(body: DialogMessageBody | BatchItemBody): object {
  const fields = Object.entries(body).filter(([name, value]) => name !== 'idempotencyKey' && value !== undefined);
  return Object.fromEntries(fields.sort(([a], [b]) => (a < b ? -1 : 1)));
}

export class MessageQuery extends PageQuery {
  @ApiPropertyOptional({ enum: MESSAGE_STATUSES })
  @IsOptional()
  @IsIn(MESSAGE_STATUSES)
  status?: string;

  @ApiPropertyOptional({ type: String, description: 'id or uri' })
  @IsOptional()
  @IsString()
  @MaxLength(100)
  gateway?: string;

  @ApiPropertyOptional({ type: String, description: 'phone number in E.164' })
  @IsOptional()
  @IsString()
  @MaxLength(50)
  to?: string;

  @ApiPropertyOptional({ type: String })
  @IsOptional()
  @IsString()
  @MaxLength(100)
  dialog?: string;

  @ApiPropertyOptional({ type: String })
  @IsOptional()
  @IsString()
  @MaxLength(500)
  providerId?: string;

  @ApiPropertyOptional({ type: String, format: 'date-time' })
  @IsOptional()
  @IsISO8601()
  since?: string;
}
