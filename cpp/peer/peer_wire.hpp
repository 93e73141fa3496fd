// One end of the wire protocol (docs/protocol.md) on stdin and stdout: safetensors messages with a JSON object under
// the metadata key `message`. Only what a well-behaved asker sends is understood; anything else throws.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace wire {

struct Json {
    std::string text; // a string's content, or a number, true, false, null as written
    std::vector<Json> items;
    std::vector<std::pair<std::string, Json>> members;

    const Json &at(const std::string &key) const {
        for (const auto &member : members)
            if (member.first == key) return member.second;
        throw std::runtime_error("no " + key + " in the request");
    }
    bool has(const std::string &key) const {
        for (const auto &member : members)
            if (member.first == key) return true;
        return false;
    }
    long integer() const { return std::strtol(text.c_str(), nullptr, 10); }
};

class Parser {
public:
    explicit Parser(const std::string &text) : text_(text) {}

    Json value() {
        Json result;
        switch (peek()) {
        case '{': members(result); break;
        case '[': elements(result); break;
        case '"': result.text = string(); break;
        default: result.text = word();
        }
        return result;
    }

private:
    const std::string &text_;
    std::size_t position_ = 0;

    char peek() {
        while (position_ < text_.size() && std::strchr(" \t\r\n", text_[position_])) ++position_;
        if (position_ == text_.size()) throw std::runtime_error("JSON ends early");
        return text_[position_];
    }

    void expect(char wanted) {
        if (peek() != wanted) throw std::runtime_error(std::string("JSON lacks ") + wanted);
        ++position_;
    }

    // Consumes an opening bracket, then separators until the closing one; true while an element follows.
    bool another(char opening, char closing, bool first) {
        if (first) expect(opening);
        if (peek() == closing) return ++position_, false;
        if (!first) expect(',');
        return true;
    }

    void members(Json &object) {
        for (bool first = true; another('{', '}', first); first = false) {
            peek();
            std::string key = string();
            expect(':');
            object.members.emplace_back(std::move(key), value());
        }
    }

    void elements(Json &array) {
        for (bool first = true; another('[', ']', first); first = false) array.items.push_back(value());
    }

    std::string word() {
        const std::size_t end = text_.find_first_of(",]} \t\r\n", position_);
        std::string found = text_.substr(position_, end - position_);
        position_ = end == std::string::npos ? text_.size() : end;
        return found;
    }

    std::string string() {
        std::string found;
        expect('"');
        while (position_ < text_.size() && text_[position_] != '"')
            found += text_[position_] == '\\' ? escaped() : text_[position_++];
        expect('"');
        return found;
    }

    char escaped() {
        static const char names[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
        const char name = text_.at(position_ + 1);
        position_ += 2;
        if (const char *found = std::strchr(names, name)) return meanings[found - names];
        position_ += 4; // \uXXXX: no name of the protocol needs it
        return '?';
    }
};

struct Array {
    std::vector<long> shape;
    std::vector<float> values;
};

using Arrays = std::map<std::string, Array>;

struct Message {
    Json content;
    Arrays arrays;
};

inline void read_exactly(void *target, std::size_t bytes) {
    if (std::fread(target, 1, bytes, stdin) != bytes) throw std::runtime_error("the stream ended inside a message");
}

inline Array array_of(const Json &row, const std::vector<char> &body) {
    const std::size_t begin = row.at("data_offsets").items.at(0).integer();
    const std::size_t end = row.at("data_offsets").items.at(1).integer();
    if (row.at("dtype").text != "F32" || begin > end || end > body.size())
        throw std::runtime_error("only float32 arrays travel");
    Array array;
    for (const Json &extent : row.at("shape").items) array.shape.push_back(extent.integer());
    array.values.resize((end - begin) / sizeof(float));
    std::memcpy(array.values.data(), body.data() + begin, end - begin);
    return array;
}

// The next message; false when the stream ends where one would start.
inline bool read(Message &message) {
    std::uint64_t length = 0;
    if (std::fread(&length, sizeof length, 1, stdin) != 1) return false;
    if (length > 1 << 20) throw std::runtime_error("a header of more than 1 MiB");
    std::string header(length, '\0');
    read_exactly(&header[0], length);
    const Json parsed = Parser(header).value();
    std::size_t size = 0;
    for (const auto &member : parsed.members)
        if (member.first != "__metadata__")
            size = std::max<std::size_t>(size, member.second.at("data_offsets").items.at(1).integer());
    std::vector<char> body(size);
    read_exactly(body.data(), size);
    message.content = Parser(parsed.at("__metadata__").at("message").text).value();
    message.arrays.clear();
    for (const auto &member : parsed.members)
        if (member.first != "__metadata__") message.arrays[member.first] = array_of(member.second, body);
    return true;
}

inline std::string quoted(const std::string &text) {
    std::string result = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') result += '\\';
        result += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
    }
    return result + '"';
}

inline std::string row(const std::string &name, const Array &array, std::size_t begin) {
    std::string shape;
    for (const long extent : array.shape) shape += (shape.empty() ? "" : ",") + std::to_string(extent);
    const std::size_t end = begin + array.values.size() * sizeof(float);
    return "," + quoted(name) + ":{\"dtype\":\"F32\",\"shape\":[" + shape + "],\"data_offsets\":[" +
           std::to_string(begin) + "," + std::to_string(end) + "]}";
}

// `content`: the JSON object as text.
inline void write(const std::string &content, const Arrays &arrays = {}) {
    std::string header = "{\"__metadata__\":{\"message\":" + quoted(content) + "}";
    std::size_t begin = 0;
    for (const auto &[name, array] : arrays) {
        header += row(name, array, begin);
        begin += array.values.size() * sizeof(float);
    }
    header += "}";
    header.resize((header.size() + 7) / 8 * 8, ' ');
    const std::uint64_t length = header.size();
    std::fwrite(&length, sizeof length, 1, stdout);
    std::fwrite(header.data(), 1, header.size(), stdout);
    for (const auto &[name, array] : arrays)
        std::fwrite(array.values.data(), sizeof(float), array.values.size(), stdout);
    std::fflush(stdout);
}

} // namespace wire
