# One stage, everything copied first: works, and rebuilds too much.
FROM golang:1.27-trixie
WORKDIR /src
COPY . .
RUN go mod download && go build -o /usr/local/bin/stock ./cmd/stock
EXPOSE 8080
CMD ["stock"]
