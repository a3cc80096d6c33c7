import { Module } from '@nestjs/common';
import { DeliveryModule } from '../delivery/delivery.module.js';
import { DialogModule } from '../dialog/dialog.module.js';
import { MediaModule } from '../media/media.module.js';
import { TemplateModule } from '../template/template.module.js';
import { AccountNewsService } from './account-news.service.js';
import { ApplyService } from './apply.service.js';
import { ClaimNew } from './claim-new.service.js';
import { ClosedNewsService } from './closed-news.service.js';
import { Confirmations } from './confirmations.service.js';
import { ConsentNewsService } from './consent-news.service.js';
import { EchoWriter } from './echo-writer.service.js';
import { InboundWriter } from './inbound-writer.service.js';
import { InboxModule } from './inbox.module.js';
import { InboxProcessor } from './inbox.processor.js';
import { InboxSweeper } from './inbox-sweeper.service.js';
import { ProcessService } from './process.service.js';
import { ProfileLookups } from './profile-lookups.service.js';
import { ReachNewsService } from './reach-news.service.js';

/** The part that processes what came in; processes with the role worker run it. */
@Module({
  imports: [InboxModule, MediaModule, TemplateModule, DialogModule, DeliveryModule],
  providers: [
    AccountNewsService,
    ApplyService,
    ClaimNew,
    EchoWriter,
    ClosedNewsService,
    ConsentNewsService,
    ReachNewsService,
    Confirmations,
    ProfileLookups,
    InboundWriter,
    ProcessService,
    InboxProcessor,
    InboxSweeper,
  ],
})
export class InboxWorkerModule {}
