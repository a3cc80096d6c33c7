import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';

/**
 * `/api/openapi.json` and the page `/api/docs`, both open; every asset comes from here, so it works offline.
 *
 * @param path where the API's root is seen from outside, when that is not the root of its server
 */
export function setupOpenApi(app: INestApplication, path?: string): void {
  const builder = new DocumentBuilder();
  if (path !== undefined) builder.addServer(path);
  const outline = builder
    .setOpenAPIVersion('3.1.0')
    .setTitle('Patchbay')
    .setDescription('Chat channels and bots, patched through. Errors are application/problem+json (RFC 9457).')
    .setVersion('1')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'an API key' })
    .build();
  SwaggerModule.setup('api/docs', app, () => SwaggerModule.createDocument(app, outline), {
    jsonDocumentUrl: 'api/openapi.json',
    raw: ['json'],
    customSiteTitle: 'Patchbay API',
    swaggerOptions: { validatorUrl: 'none', persistAuthorization: false },
  });
}
