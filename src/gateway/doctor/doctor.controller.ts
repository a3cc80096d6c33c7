import { Get, Param } from '@nestjs/common';
import { ApiOkResponse } from '@nestjs/swagger';
import { ApiRoute } from '../../access/api-route.decorator.js';
import { RequirePermission } from '../../access/permission.guard.js';
import type { Principal } from '../../access/principal.js';
import { CurrentPrincipal } from '../../access/request-principal.js';
import { DoctorService } from './doctor.service.js';
import { DoctorView } from './doctor.view.js';

/** It reads, but with the gateway's own credentials and at the network: that is for who may set them. */
@ApiRoute('gateways')
export class DoctorController {
  constructor(private readonly doctor: DoctorService) {}

  @Get(':id/doctor')
  @RequirePermission('gateways:write')
  @ApiOkResponse({ type: DoctorView, description: 'proves the set-up step by step; takes up to 25 seconds' })
  examine(@CurrentPrincipal() principal: Principal, @Param('id') id: string): Promise<DoctorView> {
    return this.doctor.examine(principal, id);
  }
}
