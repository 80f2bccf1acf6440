/** What the package is tried with; `docs/getting-started.md` names the same versions. */

export const versions = {
  '@babel/plugin-transform-modules-commonjs': '7.29.14',
  '@nestjs/common': '12.5.1',
  '@nestjs/core': '12.5.1',
  '@nestjs/platform-express': '12.5.1',
  '@types/node': '20.19.43',
  esbuild: '0.28.2',
  express: '5.3.0',
  fastify: '5.12.8',
  jest: '30.5.2',
  'nest-winston': '2.0.0',
  next: '16.4.6',
  react: '19.3.1',
  'react-dom': '19.3.1',
  'reflect-metadata': '0.2.2',
  rxjs: '7.8.2',
  typescript: '5.9.3',
  vitest: '4.1.12',
  webpack: '5.112.2',
  winston: '3.19.0',
};
