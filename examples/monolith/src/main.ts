import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';

const {
  PORT = '3000',
  PUBLIC_URL = `http://localhost:${PORT}`,
  DATABASE_URL,
  ADMIN_API_KEY,
  ENCRYPTION_KEY,
} = process.env;

const app = await NestFactory.create(
  AppModule.forRoot({
    publicUrl: PUBLIC_URL,
    dataSource: DATABASE_URL ?? 'embedded',
    adminApiKey: ADMIN_API_KEY ?? 'only-for-trying-it-out',
    ...(ENCRYPTION_KEY !== undefined && { encryptionKey: ENCRYPTION_KEY }),
  }),
);
app.enableShutdownHooks();
await app.listen(PORT);
